"""A sound story for the judge's own tests, told so that it can be spoilt."""

from dataclasses import dataclass, field, replace
from math import inf

from chaos.evidence import Account, Call, Evidence, Seen
from chaos.history import Life, Span, State, Trouble
from chaos.judge import Fault, Report, judge
from chaos.profiles import ANYTHING, Profile
from chaos.script import Behaviour, Kind, TaskPlan
from crontask_core.identity import manual_execution_id, scheduled_execution_id
from crontask_core.times import from_epoch

BEGIN = 1_767_225_600
"""A full minute."""
SECONDS = 60
UNTIL = BEGIN + SECONDS + 0.5
UID = "uid-0001"
REQUEST = "request-1"


@dataclass
class Story:
    """A task of every `period` seconds, served for a minute, and asked for a run once."""

    behaviour: Behaviour = Behaviour.PLAIN
    period: int = 5
    policy: str = "All"
    profile: Profile = ANYTHING
    edited: bool = False
    calls: list[Call] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        plan = TaskPlan("task", self.behaviour, self.period, self.policy, self.edited)
        created = Span(BEGIN + 0.2, BEGIN + 0.3)
        self.life = Life(plan, UID, BEGIN, [State(created, self.period)])
        for moment in range(BEGIN + self.period, BEGIN + SECONDS + 1, self.period):
            if self.behaviour is Behaviour.FORBID and (moment - BEGIN) // self.period % 2 == 0:
                self.count("skipped", 1)
                continue
            self.serve_all(moment)
        asked = BEGIN + 22.2
        self.life.requests[REQUEST] = Span(asked - 0.1, asked)
        self.serve_all(asked, manual=True)

    def serve_all(self, moment: float, *, manual: bool = False) -> None:
        """Add all attempts of a run."""
        attempts = 3 if self.behaviour is Behaviour.RETRIED else 1
        for attempt in range(1, attempts + 1):
            self.serve(moment, attempt=attempt, last=attempt == attempts, manual=manual)

    def serve(
        self, moment: float, *, attempt: int = 1, last: bool = True, manual: bool = False
    ) -> None:
        """Add an attempt: its call, its record and its count."""
        run = manual_execution_id(UID, REQUEST) if manual else run_id(moment)
        arrived = moment + 0.05 + 1.1 * (attempt - 1)
        kind = "Manual" if manual else "Scheduled"
        self.calls.append(Call("task", run, moment, attempt, kind, arrived))
        status = "Succeeded" if last else "Failed"
        self.account.records[run, attempt] = Seen(status, "OK", arrived + 0.3)
        self.count("succeeded", int(last))
        self.count("retries", int(attempt > 1))

    def count(self, name: str, change: int) -> None:
        """Change a counter."""
        self.account.counters[name] = self.account.count(name) + change

    def forget(self, index: int) -> Call:
        """Take a call, its record and its count away, as if it had not been made."""
        call = self.calls.pop(index)
        del self.account.records[call.key]
        self.count("succeeded", -1)
        return call

    def repeat(self, index: int, after: float) -> None:
        """Let a call come again."""
        call = self.calls[index]
        self.calls.append(replace(call, arrived=call.arrived + after))

    def suspend(self, at: float, resumed: float = inf) -> None:
        """Suspend the task for a while, without a change to its calls."""
        self.life.change(Span(at - 0.1, at), suspended=True)
        if resumed < inf:
            self.life.change(Span(resumed - 0.1, resumed), suspended=False)

    def trouble(self, kind: Kind, begin: float, end: float, operator: int | None = 0) -> None:
        """Add a fault, from `begin` to `end` seconds after the story's begin."""
        self.troubles.append(Trouble(kind, operator, BEGIN + begin, BEGIN + end))

    def judge(self) -> Report:
        """Return what the judge says of it."""
        return judge(
            Evidence(
                profile=self.profile,
                lives=[self.life],
                troubles=self.troubles,
                calls=self.calls,
                accounts={UID: self.account},
                until=UNTIL,
                notes=self.notes,
            )
        )

    def faults(self) -> set[Fault]:
        """Return the kinds of faults that the judge finds."""
        return {finding.fault for finding in self.judge().findings}


def run_id(moment: float) -> str:
    """Return the execution id of the run that is due at `moment`."""
    return scheduled_execution_id(UID, from_epoch(moment))

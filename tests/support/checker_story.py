"""A sound story for the checker's own tests, told so that it can be spoilt."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crontask_core.enums import Phase, RunStatus, RunType
from crontask_core.identity import manual_execution_id, scheduled_execution_id
from crontask_core.spec import parse_spec
from crontask_core.status import ActiveRun, Counters, CronTaskStatus, PendingRetry, RunRecord
from tests.support.checker import Call, Crash, Fault, Report, Task, check

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MINUTES = [START + timedelta(minutes=number) for number in range(1, 6)]
UNTIL = START + timedelta(minutes=5, seconds=30)


@dataclass
class Story:
    """A task of every minute for five minutes, fired, retried and recorded without fault.

    The run of minute 3 fails once and succeeds with its retry; somebody asks for a run
    of his own between minutes 4 and 5. A test then spoils what it wants to have found.
    """

    spec: dict[str, Any] = field(default_factory=dict)
    crashes: list[Crash] = field(default_factory=list)
    may_miss: bool = False
    calls: list[Call] = field(default_factory=list)
    records: list[RunRecord] = field(default_factory=list)
    counters: Counters = field(default_factory=lambda: Counters(succeeded=6, retries=1))
    watermark: datetime | None = MINUTES[-1]
    active: tuple[ActiveRun, ...] = ()
    pending: tuple[PendingRetry, ...] = ()

    def __post_init__(self) -> None:
        for moment in MINUTES:
            failed = moment == MINUTES[2]
            self.fire(moment, RunStatus.FAILED if failed else RunStatus.SUCCEEDED)
        self.fire(MINUTES[2], RunStatus.SUCCEEDED, attempt=2, run_type=RunType.RETRY, after=10)
        asked = START + timedelta(minutes=4, seconds=20)
        self.fire(asked, RunStatus.SUCCEEDED, run_type=RunType.MANUAL)

    def fire(
        self,
        moment: datetime,
        status: RunStatus,
        *,
        attempt: int = 1,
        run_type: RunType = RunType.SCHEDULED,
        after: float = 0,
    ) -> None:
        """Add one attempt: its call at the target and its record."""
        begin = moment + timedelta(seconds=after)
        manual = run_type is RunType.MANUAL
        execution_id = manual_execution_id("uid", "now") if manual else run_id(moment)
        call = Call("default", "task", execution_id, moment, attempt, run_type, begin)
        self.calls.append(call)
        self.records.append(
            RunRecord(
                execution_id=execution_id,
                run_type=run_type,
                attempt=attempt,
                status=status,
                scheduled_time=moment,
                begin_time=begin,
                end_time=begin + timedelta(seconds=1),
                code=200 if status is RunStatus.SUCCEEDED else 500,
            )
        )

    @property
    def task(self) -> Task:
        """The task as the API holds it at the story's end."""
        spec = {
            "schedule": "* * * * *",
            "callback": {"http": {"url": "http://target.example/"}},
            "retry": {"delaysSeconds": [9]},
            "historyLimit": 100,
        }
        status = CronTaskStatus(
            phase=Phase.ACTIVE,
            runs=tuple(self.records),
            counters=self.counters,
            last_scheduled_time=self.watermark,
            active=self.active,
            pending_retries=self.pending,
        )
        return Task("default", "task", "uid", START, parse_spec(spec | self.spec), status)

    def judge(self) -> Report:
        """Return what the checker says of it."""
        return check(
            [self.task], self.calls, until=UNTIL, crashes=self.crashes, may_miss=self.may_miss
        )

    def faults(self) -> set[Fault]:
        """Return the kinds of faults that the checker finds."""
        return {finding.fault for finding in self.judge().findings}

    def change_call(self, index: int, **changes: Any) -> None:
        """Change one call."""
        self.calls[index] = replace(self.calls[index], **changes)

    def change_record(self, index: int, **changes: Any) -> None:
        """Change one record."""
        self.records[index] = msgspec.structs.replace(self.records[index], **changes)

    def count(self, **changes: int) -> None:
        """Change counters."""
        self.counters = msgspec.structs.replace(self.counters, **changes)


def run_id(moment: datetime) -> str:
    """Return the id of the run that is due at `moment`."""
    return scheduled_execution_id("uid", moment)


def later(moment: datetime, seconds: float) -> datetime:
    """Return the moment `seconds` after another."""
    return moment + timedelta(seconds=seconds)

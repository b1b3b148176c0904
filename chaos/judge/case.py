"""case gathers what is known of one object, for the rules of the judge."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import inf

from chaos.evidence import Account, Call, Key
from chaos.history import Life
from chaos.judge.bounds import Bounds
from chaos.judge.demand import Demand
from chaos.judge.finding import Fault, Finding
from chaos.script import Behaviour
from crontask_core.identity import manual_execution_id

UNSENT_REASONS = frozenset({"Replaced", "Cancelled"})
"""Ends of runs that a newer one or an edit ended before they were sent."""

FAILURES = 2
"""Attempts that the target of a task with retries refuses."""


@dataclass(frozen=True)
class Case:
    """One life, its demand, its calls in order of arrival, and what its status told."""

    life: Life
    demand: Demand
    calls: tuple[Call, ...]
    account: Account
    bounds: Bounds
    complete: bool
    """Whether the history limit cuts off no record of the story."""

    def finding(self, fault: Fault, text: str, count: int = 1) -> Finding:
        """Return a finding about this object."""
        return Finding(fault, f"{self.life.plan.name} ({self.life.uid[:8]})", text, count)

    @cached_property
    def requested(self) -> dict[str, str]:
        """The value that asked for each execution id of a run on request."""
        return {manual_execution_id(self.life.uid, value): value for value in self.life.requests}

    @cached_property
    def scheduled(self) -> list[Call]:
        """The calls of runs that nobody asked for."""
        return [call for call in self.calls if call.execution_id not in self.requested]

    @cached_property
    def by_key(self) -> dict[Key, list[Call]]:
        """The calls of each attempt, in order of arrival."""
        grouped: dict[Key, list[Call]] = defaultdict(list)
        for call in self.calls:
            grouped[call.key].append(call)
        return dict(grouped)

    @cached_property
    def absent(self) -> list[int]:
        """The moments that had to be served, and were not called."""
        return sorted(self.demand.required - {int(call.scheduled) for call in self.scheduled})

    @cached_property
    def given_up(self) -> int:
        """How many moments the counters own up to, or a record of a run that was not sent."""
        return self.account.count("missed") + self.account.count("skipped") + len(self.unsent)

    @cached_property
    def unsent(self) -> set[str]:
        """Execution ids of runs that ended before they were sent: a newer one replaced them."""
        called = {execution_id for execution_id, _ in self.by_key}
        return {
            execution_id
            for (execution_id, _), seen in self.account.records.items()
            if execution_id not in called
            and execution_id not in self.requested
            and seen.reason in UNSENT_REASONS
        }

    @cached_property
    def uncertain(self) -> set[str]:
        """Execution ids of whose calls a cut may have kept everybody from knowing."""
        return {
            key[0]
            for key, calls in self.by_key.items()
            if any(
                cut.touches(call.arrived, self.recorded(key))
                for cut in self.bounds.cuts
                for call in calls
            )
        }

    @property
    def attempts(self) -> int:
        """How many attempts each run of the task takes."""
        return 1 + FAILURES if self.life.plan.behaviour is Behaviour.RETRIED else 1

    def recorded(self, key: Key) -> float:
        """Return when the end of an attempt was first seen in the status."""
        seen = self.account.records.get(key)
        return inf if seen is None else seen.first


def clock(moment: float) -> str:
    """Return a moment as the logs show it, in UTC."""
    seconds, rest = divmod(moment, 60)
    minutes = int(seconds)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}:{rest:06.3f}"

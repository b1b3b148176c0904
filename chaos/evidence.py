"""evidence is what the judge looks at: calls as the target saw them, and what the API held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chaos.history import Life, Trouble
from chaos.profiles import Profile

Key = tuple[str, int]
"""Execution id and number of an attempt."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived at the target; times in seconds since the epoch."""

    task: str
    execution_id: str
    scheduled: float
    attempt: int
    run_type: str
    arrived: float

    @property
    def key(self) -> Key:
        """Execution id and number of the attempt."""
        return (self.execution_id, self.attempt)

    @classmethod
    def of(cls, headers: Mapping[str, str], arrived: float) -> "Call":
        """Read the headers that identify a run."""
        moment = datetime.fromisoformat(headers["x-crontask-scheduled-time"])
        return cls(
            task=headers["x-crontask-name"],
            execution_id=headers["x-crontask-execution-id"],
            scheduled=round(moment.timestamp(), 3),
            attempt=int(headers["x-crontask-attempt"]),
            run_type=headers["x-crontask-run-type"],
            arrived=arrived,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """The end of an attempt, as a status told it. `first` is when that was seen first."""

    status: str
    reason: str
    first: float


@dataclass(slots=True)
class Account:
    """What the status of one object told over time."""

    records: dict[Key, Seen] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    went_back: list[str] = field(default_factory=list)
    """Counters that became smaller."""
    under_way: int = 0
    """Attempts in flight, and retries that wait."""
    version: int = 0
    """Of the object when this was told."""
    gone: float | None = None
    """When the watch told that it was deleted."""

    def count(self, name: str) -> int:
        """Return a counter."""
        return self.counters.get(name, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is to judge a story by. Moments up to `until` had to be served."""

    profile: Profile
    lives: Sequence[Life]
    troubles: Sequence[Trouble]
    calls: Sequence[Call]
    accounts: Mapping[str, Account]
    """By uid."""
    until: float
    progress: Sequence[tuple[int, float]] = ()
    """Versions that the judge's own watch has brought, in their order, and when."""
    notes: Sequence[str] = ()

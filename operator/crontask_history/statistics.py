"""statistics types what the history tells of many runs together: counts and spreads.

A run is counted where its first attempt began, a failure is an attempt that failed, and a
retry an attempt after the first. The lag is that of first attempts of runs by the schedule;
a run on request is due when it is asked for. The duration is that of attempts that were made
and have ended.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Per(StrEnum):
    """Length of the spans of time into which runs are counted. Days are those of UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """How long a span is."""
        return {Per.MINUTE: timedelta(minutes=1), Per.HOUR: timedelta(hours=1)}.get(
            self, timedelta(days=1)
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """What half and what 99 % of the values do not exceed, in seconds.

    Both are values that occurred (nearest rank), and None if there was none.
    """

    p50: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and spreads of some attempts."""

    runs: int = 0
    failures: int = 0
    retries: int = 0
    lag: Spread = Spread()
    duration: Spread = Spread()


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """Those of the attempts that began in the span of time from `begin` on."""

    begin: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Those of one task, by the name of its object and the latest that people gave it."""

    name: str
    task_name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class RunStats:
    """What was found: spans that have attempts, oldest first, and tasks that stand out."""

    spans: list[SpanFigures] = field(default_factory=list)
    failing: list[TaskFigures] = field(default_factory=list)
    """Those with most failures, none without."""
    slowest: list[TaskFigures] = field(default_factory=list)
    """Those with the longest duration at p99."""

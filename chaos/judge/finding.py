"""finding is the judge's vocabulary: what can be wrong, and the figures of a story."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SHOWN: Final = 40
"""Findings that a report lists; one cause may have hundreds."""


class Fault(StrEnum):
    """Everything that can be wrong."""

    LOST = "lost"
    """A moment or a retry was due, no call came, and no counter owns up to it."""
    UNDEMANDED = "undemanded"
    """A call came for a moment that no schedule in force had."""
    AFTER_SUSPENSION = "after suspension"
    """A run began although its task had been suspended for longer than promised."""
    AFTER_DELETION = "after deletion"
    """A call came although its task had been deleted for longer than promised."""
    EARLY = "early"
    REPEATED = "repeated"
    """An attempt came again, and no cut of its owner excuses it."""
    FOREIGN_ID = "foreign id"
    """A call has an execution id that no object and moment gives."""
    ATTEMPTS = "attempts"
    """Attempts of a run were left out, or are more than its task allows."""
    OVERLAP = "overlap"
    """Two runs were under way at a time under the policy Forbid."""
    UNANSWERED = "unanswered"
    """A run that was asked for was not made."""
    UNRECORDED = "unrecorded"
    """A call has no record."""
    UNSEEN = "unseen"
    """A record tells of a call which never came."""
    MISCOUNTED = "miscounted"
    """Counters do not add up with the calls."""
    WENT_BACK = "went back"
    """A counter became smaller."""
    UNFINISHED = "unfinished"
    """Something is still under way when nothing should be."""
    ENDED = "ended"
    """An operator ended by itself, or was not able to end when told to."""


SETTLING: Final = frozenset(
    {Fault.LOST, Fault.UNANSWERED, Fault.UNRECORDED, Fault.MISCOUNTED, Fault.UNFINISHED}
)
"""Faults that a moment of patience may mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one task."""

    fault: Fault
    task: str
    text: str
    count: int = 1
    """Moments or calls that it stands for."""

    def __str__(self) -> str:
        """Return task, fault and details on one line."""
        return f"{self.task}: {self.fault}: {self.text}"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a story, and all that was wrong with it."""

    due: int
    """Moments that had to be served."""
    made: int
    """Of them, those that were called."""
    given_up: int
    """Of the others, those that are owned up to: missed, skipped or replaced, as policies say."""
    calls: int
    """All calls, retries and runs on request included."""
    repeated: int
    """Calls of an attempt that had arrived before."""
    excused: int
    """Of them, those that a cut of their owner excuses."""
    longest_gap: float
    """Longest time between two calls of a task of every second that nobody edited."""
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> int:
        """Moments and retries that were due and neither called nor owned up to."""
        return sum(each.count for each in self.findings if each.fault is Fault.LOST)

    def of(self, faults: Iterable[Fault]) -> list[Finding]:
        """Return the findings of some kinds."""
        wanted = set(faults)
        return [finding for finding in self.findings if finding.fault in wanted]

    def __str__(self) -> str:
        """Return the figures, and the first findings one a line."""
        figures = (
            f"{self.due} runs due, {self.made} made, {self.given_up} missed, skipped "
            f"or replaced, {self.lost} lost; {self.calls} calls, {self.repeated} repeated "
            f"({self.excused} excused); longest gap {self.longest_gap:.1f} s; "
            f"{len(self.findings)} faults"
        )
        shown = [str(finding) for finding in self.findings[:SHOWN]]
        more = len(self.findings) - len(shown)
        return "\n".join([figures, *shown, *([f"and {more} more"] if more > 0 else [])])

"""bounds says what a fault excuses, and for how long, for the rules of the judge.

What is promised is in ``docs/semantics.md``; a bound here is that promise and the time
which a busy machine takes to keep it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from chaos.history import Span, Trouble
from chaos.profiles import Profile
from chaos.script import TRAITS, Kind

LATE_SECONDS = 5.0
"""A moment is served this much late at the most when nothing is wrong."""

SIGHT_AGAIN_SECONDS = 18.0
"""A view that a fault has spoilt is whole again so long after it: a silent watch is noticed
within ten seconds, and a busy machine takes as long to list the tasks anew."""

UNNOTICED_SECONDS = {
    Kind.SILENT_OLD: SIGHT_AGAIN_SECONDS,
    Kind.HALF_CLOSE: SIGHT_AGAIN_SECONDS,
}
"""Faults of one moment that last until they are noticed."""

ON_THE_WAY_SECONDS = 0.5
"""Between a call's sending and its arrival."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An operator could not record from `begin` on, and could call until `end`."""

    begin: float
    end: float

    def excuses(self, first: float, again: float, recorded: float) -> bool:
        """Tell whether a call of `first` may come `again`, if its record was seen at `recorded`."""
        return first <= self.end + ON_THE_WAY_SECONDS and again > self.begin < recorded

    def touches(self, first: float, recorded: float) -> bool:
        """Tell whether what became of a call of `first` may be known to nobody."""
        return self.excuses(first, inf, recorded)


class Bounds:
    """The promises as the faults of one story stretch them."""

    def __init__(
        self,
        troubles: Sequence[Trouble],
        profile: Profile,
        progress: Sequence[tuple[int, float]] = (),
    ) -> None:
        self._profile = profile
        self._progress = progress if profile.sight_of_watch else ()
        self._troubles = [t for t in troubles if t.kind is not Kind.ROLL]
        self._blind = sorted(
            (t.begin, t.end + SIGHT_AGAIN_SECONDS) for t in self._troubles if TRAITS[t.kind].blinds
        )
        # After any fault shards may have to find another owner.
        recovery = SIGHT_AGAIN_SECONDS + profile.lease_seconds
        self._rough = sorted(((t.begin, t.end + recovery) for t in self._troubles), reverse=True)
        self.cuts = tuple(self._find_cuts())

    def seen_by(self, edit: Span, shown: float | None = None) -> float:
        """Return by when `edit` is followed; it may be known when it was `shown`."""
        moment = max(edit.acked, self._shown(edit.version) if shown is None else shown)
        by = moment + self._profile.sight_seconds
        for begin, end in self._blind:
            if begin <= by and end > moment:
                by = max(by, end)
        return by

    def _shown(self, version: int) -> float:
        """Return when the watch had come to `version`; 0 if that is not known."""
        index = bisect_left(self._progress, (version, 0.0))
        return self._progress[index][1] if version and index < len(self._progress) else 0.0

    def unsure_from(self, moment: float) -> float:
        """Return since when what was due need not have been served by an edit at `moment`."""
        since = moment - LATE_SECONDS
        for begin, end in self._rough:
            if begin <= moment and end >= since:
                since = min(since, begin - LATE_SECONDS)
        return since

    def cut_between(self, first: float, again: float) -> bool:
        """Tell whether an operator was cut off between two moments, or just before."""
        early = first - self._profile.lease_seconds
        return any(cut.begin <= again and cut.end >= early for cut in self.cuts)

    def _find_cuts(self) -> Iterator[Cut]:
        # A lease is renewed after a third of its duration.
        safe = self._profile.lease_seconds / 2
        for trouble in self._troubles:
            trait = TRAITS[trouble.kind]
            length = trouble.end - trouble.begin
            if trouble.kind is Kind.KILL:
                yield Cut(trouble.begin, trouble.begin)
            elif trouble.kind is Kind.RIGHTS:
                # A hand-over waits a second for what may not be written.
                yield Cut(trouble.begin, trouble.end)
            elif trouble.kind is Kind.TERMINATE:
                if any(self._is_away(other, trouble) for other in self._troubles):
                    yield Cut(trouble.begin, trouble.end)
            elif trait.cuts and trouble.operator is not None:
                unnoticed = UNNOTICED_SECONDS.get(trouble.kind, 0.0)
                if length + unnoticed >= safe:
                    yield Cut(trouble.begin, trouble.end + unnoticed)

    def _is_away(self, other: Trouble, ended: Trouble) -> bool:
        """Tell whether an operator that was told to end may have had no API server."""
        if not TRAITS[other.kind].blinds or other.operator not in (None, ended.operator):
            return False
        return other.begin <= ended.end and other.end + SIGHT_AGAIN_SECONDS >= ended.begin

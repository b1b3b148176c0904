"""shown_ahead says what is to be seen in the runs of the next day: pile-ups and quiet times."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from crontask_api.console.picture.day import outline_of
from crontask_api.console.tasks.day_ahead import DayAhead
from crontask_api.console.words.language import Language

LABELS_EVERY: Final = 4 * 60
"""Minutes between two labels of the picture."""

LEAST_QUIET: Final = 5
"""Minutes without a run that are worth telling."""


@dataclass(frozen=True, slots=True)
class ShownAhead:
    """The picture of the next day, and what it tells in words. Times are of UTC."""

    told: str
    outline: str
    """As SVG draws a path; empty if nothing is due."""
    labels: list[str]


def shown_ahead(ahead: DayAhead, language: Language) -> ShownAhead:
    """Return what is shown of the next day."""

    def clock(place: int) -> str:
        return f"{ahead.begin + timedelta(minutes=place):%H:%M}"

    total, (most, busiest), (quiet, first) = sum(ahead.counts), ahead.most, ahead.quiet
    told = language.counted(
        "ahead.told", total, most=language.number(most), when=f"{clock(busiest)} UTC"
    )
    if total and quiet >= LEAST_QUIET:
        span = language.span(60 * quiet)
        told += language.text("ahead.quiet", span=span, when=f"{clock(first)} UTC")
    labels = [clock(place) for place in range(0, len(ahead.counts), LABELS_EVERY)]
    return ShownAhead(told, outline_of(ahead.counts), labels)

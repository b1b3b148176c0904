"""courses_of tells how long a task's runs took and how late they began, in two pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crontask_api.console.picture.course import WIDEST, Course, Point, course_of
from crontask_api.console.runs.query import for_field
from crontask_api.console.words.language import Language, exact
from crontask_core.enums import RunStatus
from crontask_history.row import RunRow

LEAST: Final = 3
"""Of fewer runs a picture tells nothing."""

CLOSE: Final = 60.0
"""Width of a bar, at most, in a stretch that was chosen."""


@dataclass(frozen=True, slots=True)
class ShownCourse:
    """A picture and what it tells in words; `titles` are those of its bars."""

    heading: str
    told: str
    picture: Course
    titles: list[str]
    begins: list[str]
    """When each of its bars began, as addresses say it."""


def courses_of(
    rows: Sequence[RunRow], language: Language, *, least: int = LEAST
) -> list[ShownCourse]:
    """Return the pictures of the ended attempts in `rows`, which come newest first.

    Of fewer than `least` there is none.
    """
    ended = [row for row in rows[::-1] if row.end_time is not None]
    firsts = [row for row in ended if row.attempt == 1]
    return [
        *_shown("course.took", [(row, _took(row)) for row in ended], language, least),
        *_shown(
            "course.lag", [(row, max(0.0, row.lag_seconds)) for row in firsts], language, least
        ),
    ]


def _shown(
    key: str, measured: Sequence[tuple[RunRow, float]], language: Language, least: int
) -> Iterator[ShownCourse]:
    points = [Point(value, row.status is RunStatus.FAILED) for row, value in measured]
    picture = course_of(points, widest=WIDEST if least == LEAST else CLOSE)
    if picture is None or len(points) < least:
        return
    span = language.span
    told = language.text(
        f"{key}.told",
        count=language.number(len(points)),
        median=span(picture.median),
        most=span(picture.most),
    )
    titles = [f"{exact(row.begin_time.timestamp())}: {span(value)}" for row, value in measured]
    begins = [for_field(row.begin_time) for row, _ in measured]
    yield ShownCourse(language.text(key), told, picture, titles, begins)


def _took(row: RunRow) -> float:
    return (row.end_time - row.begin_time).total_seconds() if row.end_time is not None else 0.0

"""shape_of finds the pattern in a cron expression that a person would tell, for each language.

It looks at the values that the expression stands for, not at its text: what is said is what
is going to happen, also of an ``H`` and of the rule of the two day fields.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise, product
from typing import Final

from crontask_core.schedule.cron_fields import CronFields, Values
from crontask_core.schedule.fields import HOUR, MINUTE, SECOND, Field

MOST_TIMES: Final = 4
"""Times of a day that are told one by one."""

WEEKDAYS: Final = (1, 2, 3, 4, 5)
WEEKEND: Final = (0, 6)


class Pattern(Enum):
    """What the values of a field have in common."""

    ALL = "all"
    ONE = "one"
    STEP = "step"
    """Every so many, to the end of the field."""
    RANGE = "range"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Part:
    """The values of one field of the clock."""

    pattern: Pattern
    values: Values

    @property
    def step(self) -> int:
        """Of a step, how many."""
        return self.values[1] - self.values[0]

    @property
    def first(self) -> int:
        """The smallest value."""
        return self.values[0]

    @property
    def last(self) -> int:
        """The largest value."""
        return self.values[-1]


@dataclass(frozen=True, slots=True)
class Shape:
    """A schedule as a person would tell it."""

    times: tuple[tuple[int, int, int], ...]
    """Hour, minute and second, if these are few; else empty."""
    second: Part
    minute: Part
    hour: Part
    months: Values
    """Empty for all, as the following."""
    month_days: Values
    week_days: Values
    both_days: bool
    """Whether a day must be among both."""

    @property
    def is_any_day(self) -> bool:
        """Whether no day is left out."""
        return not (self.months or self.month_days or self.week_days)

    @property
    def knows_clock(self) -> bool:
        """Whether it depends on the zone what moments are meant."""
        return bool(self.times) or self.hour.pattern is not Pattern.ALL or not self.is_any_day


def shape_of(fields: CronFields) -> Shape:
    """Return the pattern of `fields`."""
    clock = (fields.hour, fields.minute, fields.second)
    count = len(fields.hour) * len(fields.minute) * len(fields.second)
    any_day = fields.every_day
    return Shape(
        times=tuple(product(*clock)) if count <= MOST_TIMES else (),
        second=_part(fields.second, SECOND),
        minute=_part(fields.minute, MINUTE),
        hour=_part(fields.hour, HOUR),
        months=() if len(fields.month) == 12 else fields.month,
        month_days=() if any_day or len(fields.day_of_month) == 31 else fields.day_of_month,
        week_days=() if any_day or len(fields.day_of_week) == 7 else fields.day_of_week,
        both_days=fields.both_days,
    )


def is_range(values: Values) -> bool:
    """Return whether there are three values or more, and none is missing between them."""
    return len(values) > 2 and values[-1] - values[0] == len(values) - 1


def _part(values: Values, field: Field) -> Part:
    if len(values) == field.size:
        return Part(Pattern.ALL, values)
    if len(values) == 1:
        return Part(Pattern.ONE, values)
    gaps = {after - before for before, after in pairwise(values)}
    if len(gaps) == 1:
        step = gaps.pop()
        # Only what divides the field comes again and again after the same time.
        if values[0] < step and field.size % step == 0 and len(values) == field.size // step:
            return Part(Pattern.STEP, values)
    return Part(Pattern.RANGE if is_range(values) else Pattern.LIST, values)

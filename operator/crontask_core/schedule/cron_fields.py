"""CronFields holds the values of six cron fields and the day rule, for `wall_times`."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from crontask_core.schedule.fields import FIELDS

Values: TypeAlias = tuple[int, ...]

_LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class CronFields:
    """Values in ascending order, day of week from Sunday = 0.

    `both_days` is the day rule: whether a date must match day of month and day of
    week, or only one of them.
    """

    second: Values
    minute: Values
    hour: Values
    day_of_month: Values
    month: Values
    day_of_week: Values
    both_days: bool

    @property
    def every_hour(self) -> bool:
        """Whether no hour of a matching day is left out."""
        return len(self.hour) == 24

    @property
    def every_day(self) -> bool:
        """Whether the two day fields let every date pass."""
        full = (len(self.day_of_month) == 31, len(self.day_of_week) == 7)
        return all(full) if self.both_days else any(full)

    @property
    def has_a_date(self) -> bool:
        """Whether a date exists that matches, in any year.

        Over the 400 years of the calendar every date, 29 February too, falls on every
        weekday, so only a day that its months never have makes it impossible.
        """
        longest = max(_LONGEST_MONTHS[month - 1] for month in self.month)
        return not self.both_days or self.day_of_month[0] <= longest

    @property
    def has_rare_dates(self) -> bool:
        """Whether years can pass without a match: 29 February, or a date on a weekday."""
        by_weekday = len(self.day_of_month) < 31 and len(self.day_of_week) < 7
        leap_day = self.month == (2,) and self.day_of_month[0] == 29
        return self.both_days and (by_weekday or leap_day)

    @property
    def normalised(self) -> str:
        """The same schedule with the seconds first, in explicit lists and ``*``.

        Expressions that mean the same have the same normal form, apart from the day
        rule.
        """
        parts = []
        for field, values in zip(FIELDS, self._values, strict=True):
            full = len(values) == field.size
            parts.append("*" if full else ",".join(map(str, values)))
        if self.every_day:
            parts[3] = parts[5] = "*"
        return " ".join(parts)

    @property
    def _values(self) -> tuple[Values, ...]:
        return (
            self.second,
            self.minute,
            self.hour,
            self.day_of_month,
            self.month,
            self.day_of_week,
        )

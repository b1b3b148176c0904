"""English tells schedules in English."""

from collections.abc import Iterable
from typing import Final

from crontask_api.console.words.shape import WEEKDAYS, WEEKEND, Part, Pattern, Shape, is_range

_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


class English:
    """The words of a schedule."""

    def cron(self, shape: Shape, zone: str) -> str:
        """Return when `shape` fires, by the clock of `zone`."""
        days = _days(shape)
        if shape.times:
            times = _listed(_time(*each) for each in shape.times)
            return f"{days or 'every day'} at {times} {zone}"
        told = ", ".join(part for part in (_clock(shape), days) if part)
        return f"{told}, {zone}" if shape.knows_clock else told

    def every(self, seconds: int) -> str:
        """Return the words for ``@every``."""
        parts = _period(seconds)
        return f"every {' '.join(f'{count} {unit}' for count, unit in parts)}"

    def once(self, moment: str) -> str:
        """Return the words for a task that runs once, at a moment."""
        return f"once, at {moment}"

    def first_of(self, told: str) -> str:
        """Return the words for a task that runs once, at the next match of a schedule."""
        return f"once, at the next match of: {told}"


def _period(seconds: int) -> list[tuple[int, str]]:
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append((count, unit))
    return parts


def _clock(shape: Shape) -> str:
    second, minute, hour = shape.second, shape.minute, shape.hour
    if second.pattern is not Pattern.ONE:
        return f"{_often(second, 'second')}{_within_hours(minute)}{_within_day(hour)}"
    at_second = f" at second {second.first}" if second.first else ""
    if minute.pattern is not Pattern.ONE:
        return f"{_often(minute, 'minute')}{at_second}{_within_day(hour)}"
    past = f":{minute.first:02}" + (f":{second.first:02}" if second.first else "")
    match hour.pattern:
        case Pattern.ALL:
            return f"every hour at {past}"
        case Pattern.STEP:
            return f"every {hour.step} hours at {past}{_from(hour)}"
        case Pattern.RANGE:
            return f"every hour from {hour.first:02}{past} to {hour.last:02}{past}"
        case _:
            return f"at {_listed(f'{each:02}{past}' for each in hour.values)}"


def _often(part: Part, unit: str) -> str:
    match part.pattern:
        case Pattern.ALL:
            return f"every {unit}"
        case Pattern.STEP:
            return f"every {part.step} {unit}s{_from(part)}"
        case Pattern.RANGE:
            return f"every {unit} from {unit} {part.first} to {part.last}"
        case _:
            return f"at {unit}s {_listed(map(str, part.values))}"


def _from(part: Part) -> str:
    return f" from {part.first} on" if part.first else ""


def _within_hours(minute: Part) -> str:
    match minute.pattern:
        case Pattern.ALL:
            return ""
        case Pattern.STEP:
            return f" of every {minute.step}th minute"
        case Pattern.RANGE:
            return f" of minutes {minute.first} to {minute.last}"
        case _:
            return f" of minute {_listed(map(str, minute.values))}"


def _within_day(hour: Part) -> str:
    match hour.pattern:
        case Pattern.ALL:
            return ""
        case Pattern.STEP:
            return f" in every {_ordinal(hour.step)} hour{_from(hour)}"
        case Pattern.ONE | Pattern.RANGE:
            return f" from {hour.first:02}:00 to {hour.last:02}:59"
        case _:
            return f" in the hours {_listed(map(str, hour.values))}"


def _days(shape: Shape) -> str:
    months = f" in {_span(shape.months, 1, _MONTHS)}" if shape.months else ""
    weekly, monthly = shape.week_days, shape.month_days
    if not weekly and not monthly:
        return f"every day{months}" if months else ""
    if not monthly:
        return f"{_weekly(weekly)}{months}"
    if len(monthly) == 1 and len(shape.months) == 1:
        dates, months = f"on {monthly[0]} {_MONTHS[shape.months[0] - 1]}", ""
    else:
        plural = "s" if len(monthly) > 1 else ""
        of = "" if months else " of the month"
        numbers = _span(monthly, 0, tuple(map(str, range(32))))
        dates = f"on day{plural} {numbers}{of}"
    if not weekly:
        return f"{dates}{months}"
    if shape.both_days:
        return f"{dates}{months} if that is a {_listed((_DAYS[day] for day in weekly), 'or')}"
    return f"{dates}{months} and {_weekly(weekly)}"


def _weekly(days: tuple[int, ...]) -> str:
    if days == WEEKDAYS:
        return "every weekday"
    if days == WEEKEND:
        return "on weekends"
    if len(days) == 1:
        return f"every {_DAYS[days[0]]}"
    return f"on {_span(days, 0, _DAYS)}"


def _span(values: tuple[int, ...], first: int, names: tuple[str, ...]) -> str:
    if is_range(values):
        return f"{names[values[0] - first]} to {names[values[-1] - first]}"
    return _listed(names[each - first] for each in values)


def _time(hour: int, minute: int, second: int) -> str:
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _listed(words: Iterable[str], conjunction: str = "and") -> str:
    *before, last = words
    return f"{', '.join(before)} {conjunction} {last}" if before else last

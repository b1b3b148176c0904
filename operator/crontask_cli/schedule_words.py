"""schedule_words tells an expression in words, for ``crontask explain`` and ``get``."""

import itertools
from collections.abc import Callable, Sequence
from typing import Final

from crontask_core.schedule.cron_fields import CronFields
from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.every import parse_period
from crontask_core.schedule.fields import HOUR, MINUTE, SECOND, Field

MOST_TIMES: Final = 6
"""Times of day that are listed one by one."""

_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS: Final = (
    *("", "January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_SHORTEST_RANGE: Final = 3


def in_words(expression: str, *, seed: str = "") -> str:
    """Return what `expression` says, such as ``at 09:30 from Monday to Friday``.

    `seed` is the uid of the task, which ``H`` hashes.

    Raises
    ------
    crontask_core.errors.ScheduleError
        If it is not well-formed, or fires on no date.
    """
    keyword, *rest = expression.split(maxsplit=1) or [""]
    if keyword.lower() == "@every":
        seconds = int(parse_period("".join(rest).strip()).total_seconds())
        return f"every {_span(seconds)}, counted from when the schedule took effect"
    fields = parse_cron(expression, seed=seed)
    return " ".join(filter(None, (_time_of_day(fields), _days(fields), _months(fields))))


def times_of_day(fields: CronFields) -> list[str]:
    """Return the times of a matching day, or nothing if there are more than `MOST_TIMES`."""
    count = len(fields.hour) * len(fields.minute) * len(fields.second)
    if count > MOST_TIMES:
        return []
    with_seconds = fields.second != (0,)
    return [
        f"{hour:02}:{minute:02}" + (f":{second:02}" if with_seconds else "")
        for hour in fields.hour
        for minute in fields.minute
        for second in fields.second
    ]


def step_of(values: Sequence[int], field: Field) -> int | None:
    """Return the step if `values` go on evenly over the end of `field`, 1 if all are there."""
    if len(values) < 2:
        return None
    step = values[1] - values[0]
    even = all(after - before == step for before, after in itertools.pairwise(values))
    around = values[0] + field.size - values[-1] == step
    return step if even and around else None


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return `words` as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def day_names(values: Sequence[int]) -> list[str]:
    """Return the weekdays of `values`, runs of them as ranges."""
    # The week of sentences begins on Monday.
    return _ranges([value or 7 for value in sorted(values, key=lambda day: day or 7)], _weekday)


def _time_of_day(fields: CronFields) -> str:
    if times := times_of_day(fields):
        return f"at {listed(times)}"
    # From the finest unit that is more than one value, on to the coarser ones.
    parts = []
    if fields.second != (0,):
        parts.append(_every(fields.second, SECOND))
        if step_of(fields.minute, MINUTE) != 1:
            parts.append(_within(fields.minute, MINUTE))
    else:
        parts.append(_every(fields.minute, MINUTE))
    if len(fields.hour) < HOUR.size:
        parts.append(_hours(fields.hour))
    elif len(fields.minute) == 1 or step_of(fields.minute, MINUTE) is None:
        parts.append("of every hour")
    return " ".join(parts)


def _every(values: Sequence[int], field: Field) -> str:
    step = step_of(values, field)
    if step == 1:
        return f"every {field.name}"
    if step is not None:
        begin = f", from {field.name} {values[0]} on," if values[0] else ""
        return f"every {step} {field.name}s{begin}"
    return f"at {_within(values, field).removeprefix('in ')}"


def _within(values: Sequence[int], field: Field) -> str:
    plural = "s" if len(values) > 1 else ""
    return f"in {field.name}{plural} {listed(_ranges(values, str))}"


def _hours(values: Sequence[int]) -> str:
    step = step_of(values, HOUR)
    if step is not None:
        begin = f" from {values[0]:02}:00 on" if values[0] else ""
        return f"of every {_ordinal(step)} hour{begin}"
    return f"of the hour{'s' if len(values) > 1 else ''} {listed(_ranges(values, str))}"


def _days(fields: CronFields) -> str:
    if fields.every_day:
        return "every day" if times_of_day(fields) and len(fields.month) == 12 else ""
    month_days = listed(_ranges(fields.day_of_month, str))
    dates = f"day{'s' if len(fields.day_of_month) > 1 else ''} {month_days} of the month"
    names = listed(day_names(fields.day_of_week))
    if len(fields.day_of_week) == 7 and fields.both_days:
        return f"on {dates}"
    if len(fields.day_of_month) == 31 and fields.both_days:
        return f"on {names}"
    if fields.both_days:
        return f"on {dates} if that is {listed(day_names(fields.day_of_week), 'or')}"
    return f"on {dates}, and besides on {names}"


def _months(fields: CronFields) -> str:
    if len(fields.month) == 12:
        return ""
    return f"in {listed(_ranges(fields.month, lambda month: _MONTHS[month]))}"


def _ranges(values: Sequence[int], name: Callable[[int], str]) -> list[str]:
    """Return `values` by name, consecutive ones as ``first to last``."""
    words: list[str] = []
    run: list[int] = []
    for value in [*values, None]:
        if run and value is not None and value == run[-1] + 1:
            run.append(value)
            continue
        if len(run) >= _SHORTEST_RANGE:
            words.append(f"{name(run[0])} to {name(run[-1])}")
        else:
            words += map(name, run)
        run = [] if value is None else [value]
    return words


def _weekday(value: int) -> str:
    return _DAYS[value % 7]


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _span(seconds: int) -> str:
    parts = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {unit}{'s' if amount > 1 else ''}")
    return listed(parts)

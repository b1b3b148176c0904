"""Cron expressions and descriptors: from text to fields."""

from typing import Final

from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule.cron_fields import CronFields
from crontask_core.schedule.field_parser import FieldParser
from crontask_core.schedule.fields import FIELDS

DESCRIPTORS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def parse_cron(expression: str, *, seed: str) -> CronFields:
    """Return the fields of `expression`, which is no ``@every``.

    Parameters
    ----------
    seed
        What ``H`` hashes: the same seed gives the same values.

    Raises
    ------
    NeverFiresError
        If no date can match, such as 30 February.
    ScheduleError
        If the expression is not well-formed.
    """
    if expression.startswith("@"):
        expression = _described(expression)
    texts = expression.split()
    if texts and texts[0].upper().startswith(("TZ=", "CRON_TZ=")):
        raise ScheduleError(
            "spec.schedule", f"found {texts[0]!r}; the time zone belongs in spec.timeZone"
        )
    if len(texts) not in (5, 6):
        raise ScheduleError(
            "spec.schedule",
            "expected 5 fields (minute, hour, day of month, month, day of week), or 6 with "
            f"the second first, or a descriptor such as @daily; found {len(texts)}",
        )
    fields = FIELDS[-len(texts) :]
    parsed = [
        FieldParser(field, position, seed).parse(text)
        for position, (field, text) in enumerate(zip(fields, texts, strict=True), 1)
    ]
    *clock, day_of_month, month, day_of_week = parsed
    hour, minute, second = [*(field.values for field in reversed(clock)), (0,)][:3]
    cron = CronFields(
        second=second,
        minute=minute,
        hour=hour,
        day_of_month=day_of_month.values,
        month=month.values,
        day_of_week=day_of_week.values,
        both_days=day_of_month.star or day_of_week.star,
    )
    if not cron.has_a_date:
        days, months = texts[-3], texts[-2]
        raise NeverFiresError(
            "spec.schedule",
            f"{expression!r} never fires: no month of {months!r} has a day of {days!r}",
        )
    return cron


def _described(descriptor: str) -> str:
    try:
        return DESCRIPTORS[descriptor.strip().lower()]
    except KeyError:
        known = ", ".join(DESCRIPTORS)
        raise ScheduleError(
            "spec.schedule",
            f"found {descriptor!r}, expected one of {known}, or @every with a duration",
        ) from None

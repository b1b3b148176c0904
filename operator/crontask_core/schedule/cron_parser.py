"""cron_parser reads cron expressions and descriptors, for `compile`."""

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
"""Source: Go's cron, which has the same and ``@every`` beside them."""


def parse_cron(expression: str, *, seed: str) -> CronFields:
    """Return the fields of `expression`: five, six, or a descriptor.

    Parameters
    ----------
    seed
        What ``H`` hashes: the same seed gives the same values.

    Raises
    ------
    NeverFiresError
        If no date matches, such as 30 February.
    ScheduleError
        If the expression is not well-formed.
    """
    texts = _split(expression)
    parsed = [
        FieldParser(field, position, seed).parse(text)
        for position, (field, text) in enumerate(
            zip(FIELDS[-len(texts) :], texts, strict=True), start=1
        )
    ]
    *clock, day_of_month, month, day_of_week = parsed
    # Five fields leave the second out, which is then the first of each minute.
    hour, minute, second, *_ = *(field.values for field in reversed(clock)), (0,)
    fields = CronFields(
        second=second,
        minute=minute,
        hour=hour,
        day_of_month=day_of_month.values,
        month=month.values,
        day_of_week=day_of_week.values,
        both_days=day_of_month.star or day_of_week.star,
    )
    if not fields.has_a_date:
        raise NeverFiresError(
            "spec.schedule",
            f"{expression!r} never fires: no month in {texts[-2]!r} has a day in {texts[-3]!r}",
        )
    return fields


def _split(expression: str) -> list[str]:
    texts = expression.split()
    if not texts:
        raise ScheduleError("spec.schedule", f"found {expression!r}, expected a cron expression")
    first = texts[0]
    if first.upper().startswith(("TZ=", "CRON_TZ=")):
        raise ScheduleError(
            "spec.schedule", f"found {first!r}, expected the time zone in spec.timeZone"
        )
    if first.startswith("@"):
        described = DESCRIPTORS.get(first.lower())
        if described is None or len(texts) > 1:
            raise ScheduleError(
                "spec.schedule",
                f"found {expression!r}, expected one of {', '.join(DESCRIPTORS)} "
                "or @every with a duration such as 1h30m",
            )
        return described.split()
    if len(texts) not in (5, 6):
        year = " (a schedule has no year; at is for a moment)" if len(texts) == 7 else ""
        raise ScheduleError(
            "spec.schedule",
            f"found {len(texts)} field{'s' * (len(texts) > 1)}, expected 5 (minute, hour, "
            f"day of month, month, day of week) or 6 (second first){year}",
        )
    return texts

"""dialects rewrites the cron expressions of other systems as those of a CronTask.

What differs, and what becomes of it:

=============  ======================  ======================  ==========================
..             crontab                 Go (robfig/cron)        Quartz, EventBridge
=============  ======================  ======================  ==========================
first field    minute                  minute, or second       second; minute
weekdays       0-7, 0 and 7 Sunday     0-6, 0 Sunday           1-7, 1 Sunday
``?``          unknown                 ``*`` in any field      in one of the day fields
``*/2``, a     a star: both days       no star: either day     there is only one
day, beside    must match              may match
the other day
year           none                    none                    seventh; sixth
=============  ======================  ======================  ==========================
"""

import re
from typing import Final

from crontask_cli.importing.found import NotConvertible, shown
from crontask_core.schedule.every import parse_period
from crontask_core.schedule.fields import DAY_OF_MONTH, DAY_OF_WEEK, FIELDS, Field

_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY_NUMBERS: Final = {name: number for number, name in enumerate(_DAYS)}
_ZONED: Final = re.compile(r"(?:CRON_)?TZ=(\S+)\s+(.*)", re.DOTALL)
_DESCRIPTORS: Final = frozenset(
    ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
)
_STEP_FROM_VALUE: Final = re.compile(r"[^*,/-]+/")
_APP_ENGINE: Final = re.compile(r"every\s+([0-9]{1,6})\s+(minutes?|mins?|hours?)", re.IGNORECASE)
_RATE: Final = re.compile(r"rate\(\s*([0-9]{1,6})\s+(minute|hour|day)s?\s*\)")
_CRON: Final = re.compile(r"cron\(\s*(.*?)\s*\)", re.DOTALL)


def from_crontab(text: str) -> str:
    """Return what `text` means in a crontab (Vixie's cron, cronie, Debian).

    Raises
    ------
    NotConvertible
        As all functions here, if the system would not read it, or a CronTask cannot say it.
    """
    if text.startswith("@"):
        return _descriptor(text)
    fields = _split(text, 5)
    for field in fields:
        if "~" in field:
            raise NotConvertible(f"a random value ({shown(field)}) is chosen at each start of cron")
        if any(_STEP_FROM_VALUE.fullmatch(item[: item.find("/") + 1]) for item in field.split(",")):
            raise NotConvertible(f"a step without a range ({shown(field)}) is not defined there")
        if set(field) & set("?()"):
            raise NotConvertible(f"{shown(field)} is not known there")
    return " ".join(_short_steps(fields))


def from_go(text: str, *, seconds: bool = False) -> tuple[str, str]:
    """Return what `text` means to Go's robfig/cron, and the zone it begins with, or "".

    `seconds` says that there are six fields, second first.
    """
    zone = ""
    if zoned := _ZONED.fullmatch(text.strip()):
        zone, text = zoned.groups()
    if text.startswith("@"):
        return _descriptor(text), zone
    fields = [field.replace("?", "*") for field in _split(text, 6 if seconds else 5)]
    for index, number in ((-3, DAY_OF_MONTH), (-1, DAY_OF_WEEK)):
        fields[index] = ",".join(_without_star(item, number) for item in fields[index].split(","))
    if re.search(r"7", fields[-1].replace("/7", "")):
        raise NotConvertible(f"the weekday {shown(fields[-1])} is not known there: Sunday is 0")
    fields = [",".join(filter(None, field.split(","))) for field in fields]
    return " ".join(_short_steps(fields)), zone


def from_quartz(text: str) -> str:
    """Return what `text` means to Quartz: second first, weekdays from 1, Sunday, a year last."""
    fields = text.split()
    if len(fields) not in (6, 7):
        raise NotConvertible(f"found {len(fields)} fields, expected 6 or, with a year, 7")
    return _with_quartz_days(fields[:6], "".join(fields[6:]))


def from_aws(text: str) -> str:
    """Return what ``rate(...)`` or ``cron(...)`` means to EventBridge: minute first, year last."""
    if rate := _RATE.fullmatch(text.strip()):
        number, unit = int(rate[1]), rate[2]
        return f"@every {number * 24}h" if unit == "day" else f"@every {number}{unit[0]}"
    cron = _CRON.fullmatch(text.strip())
    if cron is None:
        raise NotConvertible(f"found {shown(text)}, expected rate(...), cron(...) or at(...)")
    fields = _split(cron[1], 6)
    return _with_quartz_days(fields[:5], fields[5])


def from_google(text: str) -> str:
    """Return what `text` means to Cloud Scheduler: five fields, or App Engine's ``every``."""
    if every := _APP_ENGINE.fullmatch(text.strip()):
        return f"@every {int(every[1])}{every[2][0].lower()}"
    if text.lower().lstrip().startswith("every") or text.startswith("@"):
        raise NotConvertible(f"App Engine's {shown(text)} has no cron expression")
    fields = _split(text, 5)
    if "*/" in f"{fields[2]} {fields[4]}" and "*" not in (fields[2], fields[4]):
        raise NotConvertible(
            "a step in one day field beside another day field is not defined there"
        )
    return " ".join(_short_steps(fields))


def every_seconds(seconds: int) -> str:
    """Return the expression of a fixed period."""
    if seconds < 1:
        raise NotConvertible(f"found a period of {seconds} s, expected one from 1 s on")
    return f"@every {seconds}s"


def _with_quartz_days(fields: list[str], year: str) -> str:
    if year not in ("", "*"):
        raise NotConvertible(f"the year {shown(year)} has no equal: a schedule has none")
    month_day, week_day = fields[-3], fields[-1]
    for field in (month_day, week_day):
        if re.search(r"[LWC#]", field.upper().replace("WED", "")):
            raise NotConvertible(f"{shown(field)}: L, W and # have no equal")
    if (month_day == "?") == (week_day == "?"):
        raise NotConvertible("expected ? in exactly one of day of month and day of week")
    fields = list(fields)
    fields[-3] = "*" if month_day == "?" else month_day
    fields[-1] = "*" if week_day == "?" else _named_days(week_day)
    fields = [re.sub(r"(^|,)/", r"\1*/", field) for field in fields]
    return " ".join(_short_steps(fields))


def _named_days(text: str) -> str:
    """Return weekdays that count from 1, Sunday, by name."""
    days: set[int] = set()
    for item in text.split(","):
        base, slash, step = item.partition("/")
        if not base or base == "*":
            first, last = 0, 6
        else:
            begin, dash, end = base.partition("-")
            first = _day(begin, text)
            last = _day(end, text) if dash else (6 if slash else first)
        if slash and not (step.isascii() and step.isdecimal() and 1 <= int(step) <= 7):
            raise NotConvertible(f"the weekday {shown(text)} has no step that can be read")
        count = (last - first) % 7 + 1
        days |= {(first + offset) % 7 for offset in range(0, count, int(step) if slash else 1)}
    return "*" if len(days) == 7 else ",".join(_DAYS[day] for day in sorted(days))


def _day(text: str, field: str) -> int:
    number = _DAY_NUMBERS.get(text.upper())
    if number is None and text.isascii() and text.isdecimal() and 1 <= int(text) <= 7:
        number = int(text) - 1
    if number is None:
        raise NotConvertible(f"found the weekday {shown(field)}, expected 1-7 or SUN-SAT")
    return number


def _without_star(item: str, field: Field) -> str:
    """Return `item` such that a step of a star is a restriction, as Go reads it."""
    base, slash, step = item.partition("/")
    if base == "*" and slash and step != "1":
        last = 6 if field is DAY_OF_WEEK else field.maximum
        return f"{field.minimum}-{last}/{step}"
    return "*" if base == "*" else item


def _short_steps(fields: list[str]) -> list[str]:
    """Return `fields` with steps that are longer than their field as its first value."""
    return [
        ",".join(_short_step(item, field) for item in text.split(","))
        for text, field in zip(fields, FIELDS[-len(fields) :], strict=True)
    ]


def _short_step(item: str, field: Field) -> str:
    base, _, step = item.partition("/")
    if not (step.isascii() and step.isdecimal()) or int(step) <= field.size:
        return item
    return str(field.minimum) if base == "*" else base.partition("-")[0]


def _descriptor(text: str) -> str:
    keyword, *rest = text.split(maxsplit=1)
    if keyword.lower() == "@every" and rest:
        parse_period(rest[0].strip())
        return f"@every {rest[0].strip()}"
    if keyword.lower() not in _DESCRIPTORS or rest:
        raise NotConvertible(f"{shown(text)} has no equal: it names no moment of the calendar")
    return keyword.lower()


def _split(text: str, count: int) -> list[str]:
    fields = text.split()
    if len(fields) != count:
        raise NotConvertible(f"found {len(fields)} fields in {shown(text)}, expected {count}")
    return fields

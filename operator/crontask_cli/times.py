"""times reads and writes moments and spans as people do, the same way in all commands.

A moment is RFC 3339 with the offset of its zone, and where somebody plans by it, its weekday
and how far it is follow: ``2026-03-30T08:30:00+02:00  Mon  in 2d1h``.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_cli.errors import MISTAKE, CliError

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY
_SPAN: Final = re.compile(
    r"(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,9})s)?"
)


def now() -> datetime:
    """Return the current moment. The commands alone read the clock."""
    return datetime.now(UTC)


def parse_moment(text: str) -> datetime | None:
    """Return the moment of the RFC 3339 `text`; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def written(moment: datetime) -> str:
    """Return `moment` as RFC 3339 with the offset that it has, ``Z`` in UTC.

    It has whole seconds, or milliseconds if it has any.
    """
    spec = "milliseconds" if moment.microsecond else "seconds"
    text = moment.isoformat(timespec=spec)
    return text.replace("+00:00", "Z") if moment.tzname() == "UTC" else text


def distance(moment: datetime, now: datetime) -> str:
    """Return how far `moment` is: ``in 3h20m``, ``2d1h ago``."""
    span = compact(moment - now)
    return f"{span} ago" if moment < now else f"in {span}"


def planned(moment: datetime, now: datetime) -> str:
    """Return `moment` with its weekday and how far it is."""
    return f"{written(moment)}  {moment:%a}  {distance(moment, now)}"


def length(span: timedelta) -> str:
    """Return how long something took: ``4ms``, ``1.5s``, and from two minutes on as `compact`."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    return f"{seconds:.1f}s" if seconds < 2 * _MINUTE else compact(span)


def compact(span: timedelta) -> str:
    """Return the length of `span` as kubectl prints ages: ``45s``, ``2m10s``, ``3h20m``, ``5d``.

    Source: k8s.io/apimachinery/pkg/util/duration, HumanDuration. The API server prints
    cells of tables by the same rules, so that both look alike.
    """
    seconds = int(abs(span.total_seconds()))
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    if seconds < 10 * _MINUTE:
        return _two(seconds, _MINUTE, "m", 1, "s")
    if seconds < 3 * _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < 8 * _HOUR:
        return _two(seconds, _HOUR, "h", _MINUTE, "m")
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR}h"
    if seconds < 8 * _DAY:
        return _two(seconds, _DAY, "d", _HOUR, "h")
    if seconds < 2 * _YEAR:
        return f"{seconds // _DAY}d"
    if seconds < 8 * _YEAR:
        return _two(seconds, _YEAR, "y", _DAY, "d")
    return f"{seconds // _YEAR}y"


def _two(seconds: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    amount = seconds % large // small
    return f"{seconds // large}{large_unit}" + (f"{amount}{small_unit}" if amount else "")


def parse_span(text: str, option: str) -> timedelta:
    """Return the span of `text`, such as ``90s``, ``1h30m`` or ``2d``.

    Raises
    ------
    CliError
        If it is none, with `option`.
    """
    found = _SPAN.fullmatch(text)
    if not text or found is None:
        raise CliError(
            f"{option}: found {text!r}, expected a span such as 90s, 1h30m or 2d", MISTAKE
        )
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

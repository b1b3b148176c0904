"""times turns RFC 3339 text into aware datetimes and back, for all programs."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)
def rfc3339(moment: datetime) -> str:
    """Return `moment` in UTC with a ``Z``; whole seconds, or milliseconds if it has any.

    What is in no year of UTC, by hours, keeps its offset.

    Raises
    ------
    ValueError
        If `moment` is naive: a wall time without a zone is no moment.
    """
    if moment.tzinfo is None:
        raise ValueError(f"expected an aware datetime, got the naive {moment!r}")
    spec = "milliseconds" if moment.microsecond else "seconds"
    try:
        return moment.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")
    except OverflowError:
        # Before the year 1 or after 9999 in UTC: as it is.
        return moment.isoformat(timespec=spec)


def to_milliseconds(moment: datetime) -> datetime:
    """Return `moment` cut to whole milliseconds, the resolution of every record."""
    rest = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - rest) if rest else moment


def from_epoch(seconds: float) -> datetime:
    """Return the UTC datetime of `seconds` since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)

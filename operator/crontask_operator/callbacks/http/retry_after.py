"""retry_after tells when a target wishes to be asked again (RFC 9110, 10.2.3), for retries."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = 64
"""Characters of a Retry-After that is looked at; the longest form of a date has 33."""


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Return the wish in a Retry-After header in seconds from `now`, at least 0.

    Returns None without a header, and for one that is neither a number of seconds nor
    an HTTP date: a wish that cannot be understood is no reason to fail.
    """
    if value is None or len(value) > LONGEST:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            # "-0000" and a missing zone: an HTTP date is always in GMT.
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # The parser raises what its steps raise: OverflowError for a year of 20 digits
        # or a zone of 13, TypeError and IndexError for some that lack a part.
        return None

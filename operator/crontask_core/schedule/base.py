"""Schedule says what a schedule is to the rest of the project: a question, and bounds."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

HORIZON: Final = timedelta(days=5 * 365 + 2)
"""How far `Schedule.next` looks: five years, with the two leap days they can hold.

Go's cron looks about as far, to the end of the fifth year. It is more than the four
years between two leap days. 2100 is no leap year, so after 29 February 2096 a schedule
of that day answers None until the one of 2104 comes within five years.
"""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No schedule has an earlier moment: the time zone database promises nothing before it."""

LATEST: Final = datetime(9990, 1, 1, tzinfo=UTC)
"""From here on the answer is None, since the horizon would leave Python's calendar."""


class Schedule(Protocol):
    """A set of moments which is fixed once the schedule is compiled.

    Implementations are immutable and read no clock, so one object may be asked from
    several threads, about any moment, in any order.
    """

    def next(self, after: datetime) -> datetime | None:
        """Return the first moment of the schedule that is strictly later than `after`.

        Parameters
        ----------
        after
            An aware moment in any zone.

        Returns
        -------
        datetime | None
            In UTC. None if no moment follows within `HORIZON`.

        Raises
        ------
        ValueError
            If `after` is naive.
        """


def search_start(after: datetime) -> datetime | None:
    """Return the whole second in UTC from which to search, None if it is too late.

    Schedules fire on whole seconds, so what is later than `after` is what is later
    than the second it lies in.

    Raises
    ------
    ValueError
        If `after` is naive: a wall time without a zone is no moment.
    """
    if after.tzinfo is None:
        raise ValueError(f"expected an aware datetime, got the naive {after!r}")
    if after >= LATEST:
        return None
    return max(after, EARLIEST).astimezone(UTC).replace(microsecond=0)

"""What a schedule is to the rest of the project: one question, and one bound on its answer."""

from datetime import datetime, timedelta
from typing import Final, Protocol

HORIZON: Final = timedelta(days=5 * 365 + 2)
"""How far `Schedule.next` looks: five years, with the two leap days they can hold.

Go's cron looks as far. It finds every 29 February but one: 2100 is no leap year, so
from March 2096 to February 2099 there is none within five years, and the answer is
None until the horizon reaches 29 February 2104.
"""


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

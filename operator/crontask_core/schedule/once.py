"""once fires at one moment, for ``spec.at``."""

from dataclasses import dataclass
from datetime import UTC, datetime

from crontask_core.errors import ScheduleError


@dataclass(frozen=True, slots=True)
class Once:
    """Fires at `at`, a moment in UTC, and at no other. The horizon does not bound it."""

    at: datetime

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`."""
        if after.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got the naive {after!r}")
        return self.at if self.at > after else None


def once(at: datetime) -> Once:
    """Return the schedule of the one moment `at`.

    Raises
    ------
    ScheduleError
        If `at` has no offset from UTC, or lies beyond the calendar once it is in UTC.
    """
    if at.tzinfo is None:
        raise ScheduleError(
            "spec.at",
            f"found {at.isoformat()!r}, expected an offset at its end, such as Z or +02:00",
        )
    try:
        return Once(at.astimezone(UTC))
    except OverflowError:
        raise ScheduleError(
            "spec.at", f"found {at.isoformat()!r}, expected a moment in the years 1 to 9999 in UTC"
        ) from None

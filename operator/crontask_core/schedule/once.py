"""The schedule of ``spec.at``: one moment."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Once:
    """Fires at `at`, an aware moment in UTC, and never again."""

    at: datetime

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`. The horizon does not bound a moment that was given."""
        if after.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got the naive {after!r}")
        return self.at if self.at > after else None

"""What every operation needs to know of the request it serves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crontask_api.kube.client import CronTaskClient
from crontask_history.store import HistoryStore


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """One request's surroundings."""

    client: CronTaskClient
    namespace: str
    time_zone: str
    """IANA zone of start times that name none."""
    timeout_seconds: float
    """Time that is left for all items together."""
    hold_answer: Callable[[int], None]
    """Takes room for so many bytes of the answer, among all that are not yet sent."""
    may_read_secret: Callable[[str], Awaitable[bool]]
    """Whether the client is known to have the right to read the Secret of this name."""
    may_read_tasks: Callable[[], Awaitable[bool]]
    """Whether the client is known to have the right to read whole CronTasks."""
    history: HistoryStore | None = None
    """Where runs are kept beyond the statuses; None if they are not."""
    now: Callable[[], datetime] = utc_now

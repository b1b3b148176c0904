"""build_writer puts the operator's way to the history together, as the settings say."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from crontask_history.opening import open_history
from crontask_history.store import Retention
from crontask_operator.history.history_writer import HistoryWriter
from crontask_operator.process.clock import Clock
from crontask_operator.process.settings import Settings


def build_writer(
    settings: Settings,
    clock: Clock,
    caught_up: Callable[[], Awaitable[None]],
    on_back: Callable[[float], object],
    stack: AsyncExitStack,
) -> HistoryWriter | None:
    """Return the writer, None if no history is kept; `stack` closes what it uses."""
    if settings.history_url is None:
        return None
    store = open_history(settings.history_url, connections=settings.history_connections)
    stack.push_async_callback(store.close)
    retention = Retention(settings.history_days, settings.history_rows)
    return HistoryWriter(store, retention, caught_up, clock.now, on_back=on_back)

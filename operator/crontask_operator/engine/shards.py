"""Shards says which tasks this process fires, for the engine, as leases come and go."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Protocol

from crontask_core.truncate import truncate
from crontask_operator.engine.ticker import Ticker
from crontask_operator.task.state import Lease, TaskState
from crontask_operator.task.watch_event import newer

logger = logging.getLogger(__name__)

HANDOVER_SECONDS = 5.0
"""How long to wait for the watch to bring what the previous owner wrote last. It
normally takes milliseconds; a watch that is stuck for longer must not stop the tasks."""

SETTLE_TURNS = 100
"""Turns of the event loop until every event that the watch brought before a given one is
handled too. kopf handles the events of one object in order, and those of different
objects side by side, each in some ten turns; a new object's worker takes a few more to
begin. Time would be no measure for it on a busy machine."""

FOREIGN_BYTES = 512
"""Bytes of what a log line tells of a status that cannot be read whole."""


class Ownership(Protocol):
    """Says which shards are ours; see `crontask_operator.ownership`."""

    def owns(self, shard: int) -> bool:
        """Tell whether the lease of `shard` is still valid on the monotonic clock."""


class Shards:
    """The shards that this process serves.

    A shard is served from the moment its lease is ours and the watch has shown what
    the previous owner wrote, until the lease is lost or handed back.

    Parameters
    ----------
    look
        Called with a task that is to be gone on with.
    """

    def __init__(
        self,
        tasks: Mapping[str, TaskState],
        ownership: Ownership,
        ticker: Ticker,
        look: Callable[[TaskState], None],
    ) -> None:
        self._tasks = tasks
        self._ownership = ownership
        self._ticker = ticker
        self._look = look
        self._serving: set[int] = set()
        self._draining: set[int] = set()
        self._awaited: dict[int, str] = {}
        self.inherited_version = ""
        """Highest resource version of what previous owners wrote."""
        self._seen_version = ""

    def serves(self, shard: int) -> bool:
        """Tell whether tasks of `shard` are ours to look at."""
        return shard in self._serving

    def is_draining(self, shard: int) -> bool:
        """Tell whether `shard` is being handed over."""
        return shard in self._draining

    def may_fire(self, state: TaskState) -> bool:
        """Tell whether a call of the task may be made at this very moment."""
        if state.gone or state.hidden:
            return False
        return state.shard not in self._draining and self._ownership.owns(state.shard)

    def still_owns(self, state: TaskState) -> bool:
        """Tell whether the task is ours at this moment, and lose its shard if it is not."""
        shard = state.shard
        if state.owned and shard not in self._draining and not self._ownership.owns(shard):
            # The lease ran out unnoticed, and everything that it stood for with it.
            self.lose(shard)
        return state.owned

    def note_version(self, version: str) -> None:
        """Take note that the watch has come as far as `version`."""
        before = self._seen_version
        self._seen_version = newer(before, version)
        for shard, awaited in list(self._awaited.items()):
            if newer(awaited, before) != before and self._has_seen(awaited):
                self._settle(shard, awaited, SETTLE_TURNS)

    def acquire(self, shard: int, flushed_through: str) -> None:
        """Go on with the tasks of `shard` from their status.

        `flushed_through` is the resource version of the previous owner's last write,
        empty if it is not known. Runs begin once the watch has come that far, so that
        no run is made twice which the previous owner recorded.
        """
        if shard in self._draining:
            return
        if not flushed_through:
            self._serve(shard)
            return
        self.inherited_version = newer(self.inherited_version, flushed_through)
        self._awaited[shard] = flushed_through
        if self._has_seen(flushed_through):
            self._settle(shard, flushed_through, SETTLE_TURNS)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(HANDOVER_SECONDS, self._serve_late, shard, flushed_through)

    def adopt(self, state: TaskState) -> None:
        """Go on with one task: from its status, or from what is known ahead of it."""
        if state.foreign:
            logger.warning(
                "The status holds what this version cannot read; it is left out: %s",
                truncate("; ".join(state.foreign), FOREIGN_BYTES),
                extra=state.log_fields,
            )
            state.foreign = []
        state.lease = Lease.HELD if state.lease is Lease.LOST else Lease.GAINED
        state.in_force = False
        self._look(state)

    def lose(self, shard: int) -> None:
        """Fire nothing of `shard` any more. What is in flight ends and is recorded."""
        self._serving.discard(shard)
        self._awaited.pop(shard, None)
        for state in self.owned_tasks({shard}):
            self._lose(state)

    def hide(self, namespace: str) -> None:
        """Fire nothing of `namespace`, whose tasks may not be read, until each is seen again.

        One that is deleted meanwhile is not seen again.
        """
        for state in self._tasks.values():
            if state.namespace == namespace:
                state.hidden = True
                if state.owned:
                    self._lose(state)

    def stop_firing(self, shards: Collection[int]) -> None:
        """Begin no more runs of `shards`: they are about to be handed over."""
        self._draining.update(shards)
        for shard in shards:
            self._serving.discard(shard)
            self._awaited.pop(shard, None)
        for state in self.owned_tasks(shards):
            state.lease = Lease.DRAINING
            self._ticker.cancel(state.uid)

    def let_go(self, shards: Collection[int]) -> None:
        """Leave the tasks of `shards`, which are handed over, to their next owner."""
        states = list(self.owned_tasks(shards))
        for shard in shards:
            self._draining.discard(shard)
            self.lose(shard)
        for state in states:
            state.jobs.clear()
            state.give_way(state.stored)

    def owned_tasks(self, shards: Collection[int]) -> Iterator[TaskState]:
        """Return the tasks of `shards` that this process owns."""
        return (state for state in self._tasks.values() if state.owned and state.shard in shards)

    def _has_seen(self, version: str) -> bool:
        return newer(version, self._seen_version) == self._seen_version

    def _settle(self, shard: int, awaited: str, turns: int) -> None:
        """Serve `shard` after so many turns, unless it was lost or served by then."""
        if self._awaited.get(shard) != awaited:
            return
        if turns:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._settle, shard, awaited, turns - 1)
        else:
            self._serve(shard)

    def _serve_late(self, shard: int, awaited: str) -> None:
        if self._awaited.get(shard) == awaited:
            logger.warning("The watch is behind; shard %d is served from what it showed.", shard)
            self._serve(shard)

    def _serve(self, shard: int) -> None:
        self._awaited.pop(shard, None)
        self._serving.add(shard)
        for state in list(self._tasks.values()):
            if state.shard == shard and not (state.owned or state.hidden):
                self.adopt(state)

    def _lose(self, state: TaskState) -> None:
        state.lease = Lease.LOST
        self._ticker.cancel(state.uid)

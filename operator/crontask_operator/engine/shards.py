"""What leases bring: tasks are adopted, let go of, and handed over, shard by shard."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping

from crontask_core.truncate import truncate
from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.engine.planner import Planner
from crontask_operator.engine.runs import Runs
from crontask_operator.engine.status_recorder import StatusRecorder
from crontask_operator.engine.ticker import Ticker
from crontask_operator.task.state import TaskState
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

FLUSH_SECONDS = 10.0
"""How long a hand-over waits for the API server to take the last records. While it is
away nobody else can take the shards either, but a pod that ends has to end in time."""


FOREIGN_BYTES = 512
"""Bytes of what a log line tells of a status that cannot be read whole."""


class Shards:
    """The shards that this process serves.

    A shard is served from the moment its lease is ours and the watch has shown what
    the previous owner wrote, until the lease is lost or handed back.
    """

    def __init__(
        self,
        tasks: Mapping[str, TaskState],
        *,
        planner: Planner,
        runs: Runs,
        ticker: Ticker,
        dispatcher: Dispatcher,
        recorder: StatusRecorder,
    ) -> None:
        self._tasks = tasks
        self._planner = planner
        self._runs = runs
        self._ticker = ticker
        self._dispatcher = dispatcher
        self._recorder = recorder
        self._serving: set[int] = set()
        self._draining: set[int] = set()
        self._awaited: dict[int, str] = {}
        self._inherited_version = ""
        self._seen_version = ""

    def serves(self, state: TaskState) -> bool:
        """Tell whether a task is ours to look at."""
        return state.shard in self._serving and not state.hidden

    def is_draining(self, shard: int) -> bool:
        """Tell whether `shard` is being handed over."""
        return shard in self._draining

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
        self._inherited_version = newer(self._inherited_version, flushed_through)
        self._awaited[shard] = flushed_through
        if self._has_seen(flushed_through):
            self._settle(shard, flushed_through, SETTLE_TURNS)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(HANDOVER_SECONDS, self._serve_late, shard, flushed_through)

    def adopt(self, state: TaskState) -> None:
        """Go on with one task: from its status, or from what was kept ahead of it."""
        state.owned = True
        if state.foreign:
            logger.warning(
                "The status holds what this version cannot read; it is left out: %s",
                truncate("; ".join(state.foreign), FOREIGN_BYTES),
                extra=state.log_fields,
            )
            state.foreign = []
        if state.kept:
            state.kept = False
            self._runs.release(state)
        else:
            state.retries = {retry.execution_id: retry for retry in state.draft.pending_retries}
            for run in state.draft.active:
                self._runs.begin_again(state, run)
        self._planner.plan(state)

    def lose(self, shard: int) -> None:
        """Fire nothing of `shard` any more. What is in flight ends and is recorded."""
        self._serving.discard(shard)
        self._awaited.pop(shard, None)
        for state in self._of({shard}):
            self._let_go(state)

    def hide(self, namespace: str) -> None:
        """Fire nothing of `namespace`, whose tasks may not be read, until each is seen again.

        One that is deleted meanwhile is not seen again.
        """
        for state in self._tasks.values():
            if state.namespace == namespace:
                state.hidden = True
                if state.owned:
                    self._let_go(state)

    def stop_firing(self, shards: Collection[int]) -> None:
        """Begin no more runs of `shards`: they are about to be handed over."""
        self._draining.update(shards)
        for shard in shards:
            self._serving.discard(shard)
            self._awaited.pop(shard, None)
        for state in self._of(shards):
            self._ticker.cancel(state.uid)

    async def drain(self, shards: Collection[int], grace_seconds: float) -> str:
        """Let calls in flight end, leave the rest to the successor, write everything.

        Returns the highest resource version that the successor has to wait for: of the
        writes made here, or of those that the previous owner made, since this replica
        may have had no time to write any. The lease must last until then.
        """
        self.stop_firing(shards)
        await self._dispatcher.drain(lambda job: job.state.shard in self._draining, grace_seconds)
        for state in self._of(shards):
            if state.jobs:
                # The write names them as active, and the successor makes the attempts
                # again under the same execution ids.
                self._recorder.mark(state)
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._recorder.settled()
        except TimeoutError:
            logger.warning("%d tasks are handed over unrecorded.", self._recorder.waiting)
        states = list(self._of(shards))
        for shard in shards:
            self._draining.discard(shard)
            self.lose(shard)
        for state in states:
            state.jobs.clear()
            state.give_way(state.stored)
        return newer(self._recorder.latest_version, self._inherited_version)

    def _of(self, shards: Collection[int]) -> Iterator[TaskState]:
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

    def _let_go(self, state: TaskState) -> None:
        state.owned = False
        state.kept = True
        self._ticker.cancel(state.uid)

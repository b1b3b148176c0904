"""Shards says which tasks this process fires, for the engine, as leases come and go."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from crontask_core.status import RunRecord
from crontask_core.truncate import truncate
from crontask_operator.engine.ticker import Ticker
from crontask_operator.task.listing import Page
from crontask_operator.task.state import LeaseState, TaskState
from crontask_operator.task.watch_event import newer, reaches

logger = logging.getLogger(__name__)

FOREIGN_BYTES = 512
"""Bytes of what a log line tells of a status that cannot be read whole."""


class Ownership(Protocol):
    """Says which shards are ours; see `crontask_operator.ownership`."""

    def owns(self, shard: int) -> bool:
        """Tell whether the lease of `shard` is still valid on the monotonic clock."""


@dataclass(frozen=True, slots=True, eq=False)
class Coming:
    """A shard that is ours and not served yet; each time that it comes it is another.

    `held` says that we have served it, and doubt since that we see its tasks as they are.
    """

    held: bool


REMEMBERED_GONE: Final = 4096
"""Deleted objects whose uids are remembered, of 36 characters each: more than are deleted
while a watch is behind. No uid comes back."""


class Shards:
    """The shards that this process serves.

    A shard comes when its lease is ours. Its tasks are served from the moment they are
    confirmed, that is known to be as the API server has them at present, until the lease
    is lost or handed back; see `crontask_operator.engine.view_check`.

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
        self._gone: dict[str, None] = {}
        self._draining: set[int] = set()
        self._coming: dict[int, Coming] = {}
        self._has_come = asyncio.Event()
        # Tasks that are to be served once they are shown in a version.
        self._behind: dict[str, str] = {}
        # Who was listed last, by namespace, until no watch can be behind that.
        self._listings: dict[str | None, Page] = {}
        # What the history has of tasks that come, by uid, until they are gone on with.
        self._past: dict[str, Sequence[RunRecord]] = {}
        self.inherited_version = ""
        """Highest resource version of what previous owners wrote."""

    def is_draining(self, shard: int) -> bool:
        """Tell whether `shard` is being handed over."""
        return shard in self._draining

    def may_fire(self, state: TaskState) -> bool:
        """Tell whether a call of the task may be made at this very moment."""
        if state.lease is not LeaseState.HELD or state.gone or state.hidden:
            return False
        return state.shard not in self._draining and self._ownership.owns(state.shard)

    def still_owns(self, state: TaskState) -> bool:
        """Tell whether the task is ours at this moment, and lose its shard if it is not."""
        shard = state.shard
        if state.owned and shard not in self._draining and not self._ownership.owns(shard):
            # The lease ran out unnoticed, and everything that it stood for with it.
            self.lose(shard)
        return state.owned

    def acquire(self, shard: int, flushed_through: str) -> None:
        """Go on with the tasks of `shard` from their status, once they are confirmed.

        `flushed_through` is the resource version of the previous owner's last write,
        empty if it is not known.
        """
        if shard in self._draining:
            return
        self.inherited_version = newer(self.inherited_version, flushed_through)
        self._come(shard, held=False)

    def doubt(self, shards: Collection[int]) -> None:
        """Go on with the tasks of `shards`, which are ours, only once they are confirmed anew."""
        for shard in set(shards) - self._draining:
            coming = self._coming.get(shard)
            self.lose(shard)
            self._come(shard, held=coming is None or coming.held)

    async def next_to_check(self) -> Mapping[int, Coming]:
        """Wait until shards have come since the last call; return all that are not served."""
        while True:
            await self._has_come.wait()
            self._has_come.clear()
            if self._coming:
                return dict(self._coming)

    def still_coming(self, coming: Mapping[int, Coming]) -> list[int]:
        """Return which shards of `coming` are neither served nor lost since."""
        return [shard for shard, one in coming.items() if self._coming.get(shard) is one]

    def confirm(self, state: TaskState, version: str, coming: Mapping[int, Coming]) -> bool:
        """Go on with the task if its shard is `coming` and it was shown in `version`.

        If it was not shown yet, it is gone on with when it is; return whether it was.
        """
        one = coming.get(state.shard)
        if one is None or self._coming.get(state.shard) is not one:
            return True
        if not reaches(state.seen_version, version):
            self._behind[state.uid] = version
            return False
        self._behind.pop(state.uid, None)
        self._adopt_seen(state)
        return True

    def serve(self, coming: Mapping[int, Coming]) -> None:
        """Take note that all tasks of the shards of `coming` were confirmed, or are behind."""
        for shard in self.still_coming(coming):
            del self._coming[shard]
            self._serving.add(shard)

    def serve_as_known(self, shard: int) -> None:
        """Go on with all tasks of `shard` as they were shown last."""
        self._forget_coming(shard)
        self._serving.add(shard)
        for state in list(self._tasks.values()):
            if state.shard == shard:
                self._adopt_seen(state)

    def expect(self, uid: str, version: str) -> None:
        """Go on with a task that is not known yet once it is shown in `version`."""
        self._behind[uid] = version

    def note_past(self, past: Mapping[str, Sequence[RunRecord]]) -> None:
        """Go on with tasks from these ended attempts besides their statuses."""
        self._past.update(past)

    def note_listing(self, page: Page) -> Page:
        """Take note that all tasks were listed whose last ones are `page`."""
        self._listings[page.namespace] = page
        return page

    def drop_listing(self, page: Page) -> None:
        """Compare with a listing no more, since no watch is behind it."""
        if self._listings.get(page.namespace) is page:
            del self._listings[page.namespace]
            for uid in [uid for uid in self._past if uid not in self._tasks]:
                del self._past[uid]
            for uid in [uid for uid in self._behind if uid not in self._tasks]:
                del self._behind[uid]

    def is_gone(self, uid: str, namespace: str, version: str) -> bool:
        """Tell whether a watch that is behind shows an unknown task that is gone by now."""
        if uid in self._gone:
            return True
        if not self._listings or uid in self._behind:
            return False
        page = self._listings.get(None) or self._listings.get(namespace)
        return page is not None and not reaches(version, page.version)

    def show(self, state: TaskState) -> None:
        """Go on with a task that was just shown, if that is all that it waits for."""
        awaited = self._behind.get(state.uid)
        if awaited is not None:
            if not reaches(state.seen_version, awaited):
                return
            del self._behind[state.uid]
        if state.shard in self._serving or (awaited is not None and state.shard in self._coming):
            self._adopt_seen(state)

    def forget(self, uid: str) -> None:
        """Wait no longer for a task that is gone, whatever a watch that is behind may show."""
        self._behind.pop(uid, None)
        self._past.pop(uid, None)
        self._gone[uid] = None
        if len(self._gone) > REMEMBERED_GONE:
            del self._gone[next(iter(self._gone))]

    def adopt(self, state: TaskState) -> None:
        """Go on with one task: from its status, or from what is known ahead of it."""
        if state.foreign:
            logger.warning(
                "The status holds what this version cannot read; it is left out: %s",
                truncate("; ".join(state.foreign), FOREIGN_BYTES),
                extra=state.log_fields,
            )
            state.foreign = []
        past = self._past.pop(state.uid, ())
        if state.lease is LeaseState.LOST:
            state.lease = LeaseState.HELD
        else:
            state.lease, state.past = LeaseState.GAINED, tuple(past)
        state.in_force = False
        self._look(state)

    def lose(self, shard: int) -> None:
        """Fire nothing of `shard` any more. What is in flight ends and is recorded."""
        self._serving.discard(shard)
        self._forget_coming(shard)
        for state in self.owned_tasks({shard}):
            self._lose(state)

    def hide(self, namespace: str | None) -> None:
        """Fire nothing of `namespace`, whose tasks may not be read, until each is seen again.

        None stands for all. One that is deleted meanwhile is not seen again.
        """
        for state in self._tasks.values():
            if namespace in (None, state.namespace):
                state.hidden = True
                if state.owned:
                    self._lose(state)

    def stop_firing(self, shards: Collection[int]) -> None:
        """Begin no more runs of `shards`: they are about to be handed over."""
        self._draining.update(shards)
        for shard in shards:
            self._serving.discard(shard)
            if (one := self._coming.get(shard)) is not None and one.held:
                self._take_back(shard)
            self._forget_coming(shard)
        for state in self.owned_tasks(shards):
            state.lease = LeaseState.DRAINING
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

    def _take_back(self, shard: int) -> None:
        """Own the tasks again of a shard that was ours all the time, to hand them over."""
        for state in self._tasks.values():
            if state.shard == shard and state.lease is LeaseState.LOST and not state.hidden:
                state.lease = LeaseState.HELD

    def _come(self, shard: int, *, held: bool) -> None:
        self._coming[shard] = Coming(held)
        self._has_come.set()

    def _forget_coming(self, shard: int) -> None:
        self._coming.pop(shard, None)
        if self._behind:
            tasks = self._tasks
            for uid in [uid for uid in self._behind if uid in tasks and tasks[uid].shard == shard]:
                del self._behind[uid]

    def _adopt_seen(self, state: TaskState) -> None:
        if not (state.owned or state.hidden):
            self.adopt(state)

    def _lose(self, state: TaskState) -> None:
        state.lease = LeaseState.LOST
        self._ticker.cancel(state.uid)

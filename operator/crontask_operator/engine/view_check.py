"""ViewCheck has shards served for the engine once the view of their tasks is known to be new.

A watch that is behind, or dead without a word, shows tasks as they were: their runs would
be made again, and those of tasks that were suspended or deleted since as well. So a shard
that comes to this replica is checked against the API server, which is asked after that::

    acquired ──> LIST, consistent, names and versions only ──> page ──> page ──> served
                     │
                     ├── shown by the watch in that version, or a later one: gone on with
                     ├── not shown yet: when the watch shows it, or it has been read
                     └── known here and not listed: deleted

A shard whose tasks cannot be listed in time is handed back, so that another replica
may have it.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Final, Protocol

from crontask_kube.errors import ApiError, NotFoundError
from crontask_operator.engine.shards import Coming, Shards
from crontask_operator.process.metrics import HANDED_BACK
from crontask_operator.task.listing import Listed, Page
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import Body, reaches

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 10.0
"""How long a shard may wait for its check. As long as until a dead watch is noticed."""

PAUSE_SECONDS: Final = 3.0
"""The same for one that this replica had before a pause, and goes on with nevertheless."""

SHOWN_SECONDS: Final = 0.5
"""How long to wait for the watch to show what the listing told of, before it is read."""

BEHIND_SECONDS: Final = 20.0
"""No watch is behind for longer: one that is dead is begun anew by then."""

READS: Final = 16
"""Tasks that are read at a time."""

LONGEST_WAIT_SECONDS: Final = 1.0
"""Before another try to list."""


class Inventory(Protocol):
    """What the API server holds. All raise an `ApiError` if it refuses or is away."""

    def pages(self) -> AsyncIterator[Page]:
        """List all tasks that may be seen as they are now, in any cache or not."""

    def pages_of(self, namespace: str | None) -> AsyncIterator[Page]:
        """List those of one namespace, of all if it is None."""

    async def body(self, namespace: str, name: str) -> Body:
        """Return one task as it is now."""


class ViewCheck:
    """Checks the shards that come, and has them served.

    Parameters
    ----------
    observe
        Called with a task that the watch was late to show.
    catch_up
        Called with shards that come, before their tasks are gone on with.
    forget
        Called with the uid of a task that does not exist any more.
    hand_back
        Called with a shard that could not be checked in time.
    """

    def __init__(
        self,
        inventory: Inventory,
        tasks: Mapping[str, TaskState],
        shards: Shards,
        *,
        catch_up: Callable[[Mapping[int, Coming]], Awaitable[None]],
        observe: Callable[[Body], None],
        forget: Callable[[str], None],
        hand_back: Callable[[int], None],
    ) -> None:
        self._inventory = inventory
        self._tasks = tasks
        self._shards = shards
        self._catch_up = catch_up
        self._observe = observe
        self._forget = forget
        self._hand_back = hand_back

    async def run(self) -> None:
        """Check until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                coming = await self._shards.next_to_check()
                await self._catch_up(coming)
                late = await self._check(coming)
                if late:
                    group.create_task(self._await_or_read(late))

    async def _check(self, coming: Mapping[int, Coming]) -> list[Listed]:
        """Have the shards served, or handed back; return what the watch has yet to show."""
        seconds = max(PAUSE_SECONDS if one.held else CHECK_SECONDS for one in coming.values())
        failures, trouble = 0, "the API server has not answered"
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        return await self._compare(coming)
                    except ApiError as error:
                        trouble = str(error)
                    failures += 1
                    wait = min(0.1 * 2.0**failures, LONGEST_WAIT_SECONDS)
                    await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 - jitter
        except TimeoutError:
            self._give_up(coming, trouble)
            return []

    async def _compare(self, coming: Mapping[int, Coming]) -> list[Listed]:
        late: list[Listed] = []
        listed: set[str] = set()
        async for page in self._inventory.pages():
            for task in page.tasks:
                listed.add(task.uid)
                state = self._tasks.get(task.uid)
                if state is None:
                    # It fires nothing until the watch shows it.
                    self._shards.expect(task.uid, task.version)
                elif not self._shards.confirm(state, task.version, coming):
                    late.append(task)
            if page.is_last:
                self._note_listing(page)
                self._confirm_unlisted(page, listed, coming)
                listed.clear()
        self._shards.serve(coming)
        return late

    def _note_listing(self, page: Page) -> None:
        listing = self._shards.note_listing(page)
        loop = asyncio.get_running_loop()
        loop.call_later(BEHIND_SECONDS, self._shards.drop_listing, listing)

    def _confirm_unlisted(self, page: Page, listed: set[str], coming: Mapping[int, Coming]) -> None:
        """Go on with what is newer than the listing, and forget what was deleted."""
        for state in list(self._tasks.values()):
            if state.uid in listed or page.namespace not in (None, state.namespace):
                continue
            if reaches(state.seen_version, page.version):
                self._shards.confirm(state, page.version, coming)
            else:
                self._forget(state.uid)

    def _give_up(self, coming: Mapping[int, Coming], why: str) -> None:
        for shard in self._shards.still_coming(coming):
            if coming[shard].held:
                logger.warning("shard %d: fired from an old view, because %s", shard, why)
                self._shards.serve_as_known(shard)
            else:
                logger.error("shard %d: handed back, its tasks not listed: %s", shard, why)
                HANDED_BACK.inc()
                self._shards.lose(shard)
                self._hand_back(shard)

    async def _await_or_read(self, late: Iterable[Listed]) -> None:
        """Have tasks shown which the watch does not show in time."""
        await asyncio.sleep(SHOWN_SECONDS)
        gate = asyncio.Semaphore(READS)
        async with asyncio.TaskGroup() as group:
            for task in late:
                state = self._tasks.get(task.uid)
                if state is not None and not reaches(state.seen_version, task.version):
                    group.create_task(self._read(task, gate))

    async def _read(self, task: Listed, gate: asyncio.Semaphore) -> None:
        try:
            async with gate:
                body = await self._inventory.body(task.namespace, task.name)
        except NotFoundError:
            self._forget(task.uid)
        except ApiError as error:
            # The watch will show it, once it works.
            logger.warning("A task that the watch has not shown cannot be read: %s", error)
        else:
            if body["metadata"]["uid"] != task.uid:
                self._forget(task.uid)
            elif task.uid in self._tasks:
                self._observe(body)

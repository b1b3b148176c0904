"""Revealer goes on with a namespace's tasks for the engine, once they may be read again.

Those were hidden after a while, and a shard that came meanwhile came without them. The
watch goes on from where it was refused, so a task that was not changed is not shown again,
and what was changed is shown a moment later. So the tasks are listed first, as for a shard
that comes (`view_check`), but those of this namespace alone: the others' are not held up by
one who takes rights away and gives them back.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final

from crontask_kube.errors import ApiError, ForbiddenError
from crontask_operator.engine.shards import Shards
from crontask_operator.engine.view_check import Inventory
from crontask_operator.task.listing import Page
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import reaches

logger = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS: Final = 5.0
"""Before another try to list."""


class Revealer:
    """Reveals tasks; `forget` is called with the uid of one that was deleted."""

    def __init__(
        self,
        inventory: Inventory,
        tasks: Mapping[str, TaskState],
        shards: Shards,
        *,
        forget: Callable[[str], None],
    ) -> None:
        self._inventory = inventory
        self._tasks = tasks
        self._shards = shards
        self._forget = forget

    async def reveal(self, namespace: str | None) -> None:
        """Go on with the tasks of `namespace`, or of all if it is None, in shards that are ours.

        Tries until the API server has listed them, or refuses to once more.
        """
        failures = 0
        while True:
            try:
                await self._reveal(namespace)
                break
            except ForbiddenError:
                # Unseen for longer. Whoever sees the watch work again calls again.
                break
            except ApiError as error:
                logger.warning("Tasks cannot be listed, which is tried again: %s", error)
            failures += 1
            wait = min(0.1 * 2.0**failures, LONGEST_WAIT_SECONDS)
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 - jitter

    async def _reveal(self, namespace: str | None) -> None:
        listed: set[str] = set()
        async for page in self._inventory.pages_of(namespace):
            for task in page.tasks:
                listed.add(task.uid)
                state = self._tasks.get(task.uid)
                if state is not None and _is_unseen(state):
                    self._show(state, task.version)
            if page.is_last:
                self._judge_unlisted(page, listed)

    def _judge_unlisted(self, page: Page, listed: set[str]) -> None:
        """Go on with what is newer than the listing, and forget what was deleted."""
        for state in list(self._tasks.values()):
            is_meant = page.namespace in (None, state.namespace)
            if not (is_meant and _is_unseen(state)) or state.uid in listed:
                continue
            if reaches(state.seen_version, page.version):
                self._show(state, page.version)
            else:
                self._forget(state.uid)

    def _show(self, state: TaskState, version: str) -> None:
        """Go on with a task, once the watch has shown it in `version`."""
        state.hidden = False
        self._shards.expect(state.uid, version)
        self._shards.show(state)


def _is_unseen(state: TaskState) -> bool:
    return state.hidden or not state.owned

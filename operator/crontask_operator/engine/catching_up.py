"""CatchingUp reads for shards that come what the history has beyond the statuses.

A shard is served by its statuses alone where no history is kept, or where it does not
answer: the historian waits for it for a bounded time only.
"""

import asyncio
from collections.abc import Mapping

from crontask_operator.engine.historian import Historian
from crontask_operator.engine.past_attempts import first_moment
from crontask_operator.engine.shards import Coming, Shards
from crontask_operator.process.clock import Clock
from crontask_operator.task.state import TaskState


class CatchingUp:
    """Reads the past of `tasks`, before `shards` goes on with them."""

    def __init__(
        self, history: Historian, tasks: Mapping[str, TaskState], shards: Shards, clock: Clock
    ) -> None:
        self._history = history
        self._tasks = tasks
        self._shards = shards
        self._clock = clock

    async def read(self, coming: Mapping[int, Coming]) -> None:
        """Have the tasks of shards that were another's go on from all that is known."""
        # What this process did itself is ahead of any status.
        shards = [shard for shard, one in coming.items() if not one.held]
        await asyncio.gather(*map(self._read, shards))

    async def _read(self, shard: int) -> None:
        states = [state for state in self._tasks.values() if state.shard == shard]
        moment = first_moment(states, self._clock.now())
        if moment is not None:
            self._shards.note_past(await self._history.since(shard, moment))

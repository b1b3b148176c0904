"""Historian hears of attempts from the engine, to keep them beyond the status."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from crontask_core.status import RunRecord
from crontask_operator.task.state import Job, TaskState


class Historian:
    """Keeps nothing. What does is in `crontask_operator.history`.

    To be told of something takes no time.
    """

    is_kept: ClassVar[bool] = False
    """Whether there is a history at all."""

    @property
    def keeps_up(self) -> bool:
        """Whether what it was told is kept by now, or will be in a moment.

        As long as that is so, a status need not hold every run by itself.
        """
        return False

    async def since(self, shard: int, moment: datetime) -> Mapping[str, Sequence[RunRecord]]:
        """Return the ended attempts of `shard` that began at `moment` or later, by uid.

        In bounded time, and without texts; empty where it cannot be known.
        """
        return {}

    def begun(self, job: Job) -> None:
        """Take note that the call of an attempt has been in flight for a second."""

    def ended(self, job: Job) -> None:
        """Take note of how an attempt has ended."""

    def unmade(self, state: TaskState, record: RunRecord) -> None:
        """Take note of a run that is not made."""

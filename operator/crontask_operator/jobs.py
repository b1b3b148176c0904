"""A job is one attempt on its way through the dispatcher, and a listener hears of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.state import TaskState


@dataclass(slots=True, eq=False)
class Job:
    """One attempt, from the moment it is due until it has ended.

    `begin` is when the call was started, until then when it was queued.
    `first_begin` is the begin of the run's first attempt.
    """

    state: TaskState
    attempt: Attempt
    begin: datetime
    first_begin: datetime | None = None
    task: asyncio.Task[None] | None = None
    abandoned: bool = False
    """Broken off without a report."""
    held: bool = False
    """Not with the dispatcher: it waits for others of its task to end, or for the lease."""
    ended: datetime | None = None
    """When the call ended."""
    result: CallResult | None = None
    """How it ended, until that is reported, which may be a moment later."""
    started: float | None = None
    """When the call was started by the event loop's clock; None while it is not in flight."""
    has_slot: bool = False
    entered: bool = False
    """Whether its asyncio task has begun to run."""
    withheld: bool = False
    """Not ours any more by the time at which it could be sent."""
    cancel_reason: Reason = Reason.CANCELLED

    @property
    def key(self) -> tuple[str, int]:
        """Execution id and number of the attempt."""
        return (self.attempt.execution_id, self.attempt.attempt)


class JobListener:
    """What the dispatcher reports to."""

    def may_start(self, job: Job) -> bool:
        """Tell whether this process still owns the task. Asked right before each call,
        and again when there is a connection to send it over.
        """
        raise NotImplementedError

    def on_refused(self, job: Job) -> None:
        """Take note that `job` was not started, because `may_start` said no."""
        raise NotImplementedError

    def on_slow(self, job: Job) -> None:
        """Take note that `job` has been in flight for a second."""
        raise NotImplementedError

    def on_finished(self, job: Job, result: CallResult) -> None:
        """Take note that `job` has ended, in whatever way."""
        raise NotImplementedError

    def on_share_full(self, job: Job, held: int) -> None:
        """Take note that `job` has to wait, because its namespace holds `held` calls."""

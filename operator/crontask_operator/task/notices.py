"""Notice names what a person should be told of a task, for the Events that tell it."""

from collections.abc import Callable
from enum import Enum

from crontask_operator.task.state import TaskState


class Notice(Enum):
    """Reasons of Events, with whether they are warnings."""

    RUN_FAILED = ("RunFailed", True)
    """The first failure after a success."""
    RECOVERED = ("Recovered", False)
    """The first success after a failure."""
    RUN_SKIPPED = ("RunSkipped", True)
    RUNS_MISSED = ("RunsMissed", True)
    SHARE_USED_UP = ("ShareUsedUp", True)
    """Calls wait, because their namespace has as many in flight as it may."""
    REQUEST_WAITS = ("RunRequestWaits", True)
    """Somebody asks for more runs than may be under way."""
    INVALID = ("Invalid", True)
    """The spec cannot be used."""
    AHEAD_OF_CLOCK = ("AheadOfClock", True)
    """The status held moments that the clock has yet to reach; they were set right."""
    SUCCEEDED = ("Succeeded", False)
    """A one-shot task ended."""
    FAILED = ("Failed", True)
    """A one-shot task ended."""

    def __init__(self, reason: str, warning: bool) -> None:
        self.reason = reason
        self.warning = warning


Notify = Callable[[TaskState, Notice, str], None]

"""Actions is what a look at a task decided, for the engine to carry out."""

from dataclasses import dataclass, field
from datetime import datetime

from crontask_core.enums import Reason
from crontask_core.status import Counters, RunRecord
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import Job


@dataclass(slots=True)
class Actions:
    """What is to be done beyond the task's state, which the look has brought up to date."""

    start: list[Job] = field(default_factory=list)
    """Jobs to give to the dispatcher."""
    cancel: list[tuple[Job, Reason]] = field(default_factory=list)
    """Jobs that the dispatcher has and is to end, each with the reason."""
    notices: list[tuple[Notice, str]] = field(default_factory=list)
    """What a person should be told."""
    ended: list[Job] = field(default_factory=list)
    """Jobs whose end was recorded, to be measured."""
    unmade: list[RunRecord] = field(default_factory=list)
    """Records of runs that are not made."""
    wake_at: datetime | None = None
    """When to look next; None: when something happens."""
    write: bool = False
    """Whether the status has something new to be written."""
    write_later: bool = False
    """Whether that is the first status of a task, and nothing is due for it soon."""
    write_slowly: bool = False
    """Whether that only completes a status of an earlier version, which nobody waits for."""
    delete: bool = False
    """Whether the time to live of the object is over."""
    counted: Counters | None = None
    """The counters from which the runs of this process are counted, if others were taken in."""
    fault: Exception | None = None
    """What went wrong within the look; all else says how far it came."""

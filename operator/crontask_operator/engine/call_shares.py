"""CallShares tells tenants that calls of theirs wait for their share of those in flight."""

from crontask_operator.process.clock import Clock
from crontask_operator.sharing.share_watch import ShareWatch
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import TaskState


class CallShares:
    """Tells of the share of the calls in flight, by an Event on a task that waits as well."""

    def __init__(self, clock: Clock, notify: Notify) -> None:
        self._watch = ShareWatch("calls", lambda: clock.now().timestamp())
        self._notify = notify

    def full(self, state: TaskState, held: int) -> None:
        """Take note that a call of `state` waits, and `held` of its namespace are in flight."""
        if self._watch.full(state.namespace):
            message = (
                f"Calls of this namespace wait for others of it to end: {held} are in flight, "
                "which is its share while other namespaces are to have theirs."
            )
            self._notify(state, Notice.SHARE_USED_UP, message)

"""JobListener hears of what becomes of jobs, for the dispatcher that makes their calls."""

from crontask_operator.task.state import Job


class JobListener:
    """What the dispatcher reports to."""

    def may_start(self, job: Job) -> bool:
        """Tell whether this process still owns the task. Asked right before each call,
        and again when there is a connection to send it over.
        """
        raise NotImplementedError

    def on_refused(self, job: Job) -> None:
        """Take note that `job` waits, because `may_start` said no."""

    def on_slow(self, job: Job) -> None:
        """Take note that `job` has been in flight for a second."""

    def on_finished(self, job: Job) -> None:
        """Take note that `job` has ended; its result says how. Under load this is late."""

    def on_share_full(self, job: Job, held: int) -> None:
        """Take note that `job` has to wait, because its namespace holds `held` calls."""

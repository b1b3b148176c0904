"""errors has the exit statuses of ``crontask``, and the error that leads to one."""

from typing import Final

from crontask_core.errors import CronTaskError

FAILED: Final = 1
"""Something that was asked for could not be done; stderr says what and why."""
MISTAKE: Final = 2
"""The command line itself is wrong; nothing was done."""
NEVER_FIRES: Final = 3
"""A schedule is well-formed but does not fire."""
NOT_WELL: Final = 4
"""All was done, and the answer is bad news: the run failed, the files differ, a check failed."""


class CliError(CronTaskError):
    """What ends a command: one sentence for stderr, and the exit status.

    Parameters
    ----------
    message
        The sentence. What it repeats of others is made safe where it is printed.
    status
        The exit status.
    """

    code = "CliError"

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status

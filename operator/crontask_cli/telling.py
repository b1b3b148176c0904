"""telling says on stderr what went wrong, in one sentence, and with what exit status it ends."""

import sys
from collections.abc import Callable
from typing import Final

from crontask_cli.errors import FAILED, CliError
from crontask_cli.shown.safe import safe
from crontask_core.errors import CronTaskError
from crontask_core.truncate import truncate

MESSAGE_BYTES: Final = 4096
"""Bytes of an error on stderr: servers choose what they say."""


def fail(message: str) -> None:
    """Write an error on stderr, in one line that is harmless for a terminal."""
    sys.stdout.flush()
    sys.stderr.write(f"Error: {safe(truncate(message, MESSAGE_BYTES))}\n")


def status_of_error(error: CronTaskError) -> int:
    """Tell `error`, and return the exit status it leads to."""
    fail(str(error))
    return error.status if isinstance(error, CliError) else FAILED


def ended(action: Callable[[], None]) -> int:
    """Do `action`, and return the exit status; what goes wrong is told."""
    try:
        action()
    except CronTaskError as error:
        return status_of_error(error)
    return 0

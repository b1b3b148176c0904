"""No test may leave a process behind."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dev import processes
from tests.support.wait import eventually_sync

MARK = "CRONTASK_DEV_TEST_SESSION"
"""In the environment of every process that a test session starts, however indirectly."""

PATIENCE_SECONDS = 5.0
"""A process that is just ending is no leak."""


@contextmanager
def no_process_survives() -> Iterator[None]:
    """Fail at the end of the block if a process that was started in it still runs."""
    mark = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark)
        yield
    eventually_sync(
        lambda: not survivors(mark),
        timeout=PATIENCE_SECONDS,
        describe=lambda: f"processes left behind: {', '.join(survivors(mark))}",
    )


def survivors(mark: str) -> list[str]:
    """Return the command lines of the processes that carry `mark`.

    Where there is no /proc, those that `dev.processes` started and that still run.
    """
    proc = Path("/proc")
    if not proc.exists():
        return [f"{child.name} ({child.pid})" for child in processes.running()]
    entry = f"{MARK}={mark}".encode()
    found = []
    for folder in proc.glob("[0-9]*"):
        try:
            if entry in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append(f"{command.strip()} ({folder.name})")
        except OSError:
            # It has just ended, or is another user's.
            continue
    return found

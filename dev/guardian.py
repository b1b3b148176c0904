"""A watcher that outlives its parent, to end what the parent started.

The parent writes one command a line to the guardian's standard input:

    watch PID       the leader of a process group that must not outlive the parent
    forget PID      it has been reaped; its number may belong to somebody else soon
    folder PATH     a folder to remove
    keep PATH       it has been removed

When the pipe closes, the parent is gone, whatever ended it: the groups are killed and
the folders removed. A closed pipe is the one sign that also SIGKILL gives, that works
on Linux and macOS alike, and that does not depend on which thread started a process
(as ``PR_SET_PDEATHSIG`` does: it fires when the *thread* ends).

Run as a program, by path, so that it starts fast and imports nothing of the project.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

SETTLE_SECONDS = 5.0
"""Longest time for killed processes to write their last files."""


def main() -> None:
    """Follow the commands until the parent is gone, then clean up after it."""
    # The terminal's Ctrl-C and hang-up are meant for the parent.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    folders: set[str] = set()
    for line in sys.stdin:
        command, _, argument = line.rstrip("\n").partition(" ")
        match command:
            case "watch":
                groups.add(int(argument))
            case "forget":
                groups.discard(int(argument))
            case "folder":
                folders.add(argument)
            case "keep":
                folders.discard(argument)
            case _:
                raise ValueError(f"expected watch, forget, folder or keep, got {line!r}")
    for group in groups:
        # macOS answers with PermissionError for a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    remove(folders)


def remove(folders: set[str]) -> None:
    """Remove the folders, as often as it takes while killed processes let go of them."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while folders and time.monotonic() < deadline:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        folders = {folder for folder in folders if Path(folder).exists()}
        time.sleep(0.01)


if __name__ == "__main__":
    main()

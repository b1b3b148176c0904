"""What must not outlive this process: the guardian is told of it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from dev import guardian


def guard_group(pid: int) -> None:
    """Have the process group of `pid` killed when this process ends."""
    _guardian.send(f"watch {pid}")


def release_group(pid: int) -> None:
    """Take back `guard_group`, once the group's leader has been reaped."""
    _guardian.send(f"forget {pid}")


def make_folder(prefix: str, parent: Path | None = None) -> Path:
    """Create a folder which the guardian removes if this process cannot.

    It is in `parent`, by default the system's folder for temporary files, and only
    this user can read it.
    """
    # Resolved, because macOS's temporary folder is behind a symbolic link.
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent)).resolve()
    _guardian.send(f"folder {folder}")
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder that `make_folder` created."""
    shutil.rmtree(folder, ignore_errors=True)
    _guardian.send(f"keep {folder}")


class _Guardian:
    """This process's end of the pipe to its guardian, which starts when first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._lock = threading.Lock()

    def send(self, command: str) -> None:
        with self._lock:
            if self._process is None:
                self._start()
            os.write(self._pipe, command.encode() + b"\n")

    def close(self) -> None:
        """Let the guardian remove what is left, and wait until it has."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                os.close(self._pipe)
                process.wait()

    def _start(self) -> None:
        commands, self._pipe = os.pipe()
        with os.fdopen(commands) as stdin:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", guardian.__file__],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                # Nothing of the environment is for it; least of all what marks the
                # processes of a test session, which it is to outlive.
                env={},
                start_new_session=True,
            )


_guardian = _Guardian()


def close_guardian() -> None:
    """Have everything removed that is still guarded, and wait until it is."""
    _guardian.close()

"""Child processes that never outlive this one, and say why when they fail."""

import atexit
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.errors import DevError
from dev.guarded import close_guardian, guard_group, release_group

STOP_SECONDS = 15.0
"""From SIGTERM to SIGKILL. The API server and the operator end within a few seconds."""

# Waits for a line before it becomes the program. The line is sent once the guardian
# knows the process, so there is no moment in which it could be orphaned: should this
# process die first, the read meets the end of the pipe and the program never starts.
_GATE = 'read -r _ || exit 1; exec "$@" </dev/null'


class Child:
    """A running program in a process group of its own, writing to a log file.

    The group keeps a terminal's Ctrl-C away from it: it ends when told to, in an
    order that the caller decides, and what it started itself ends with it.
    `told_to_end` is whether the caller has told it.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self.pid = process.pid
        self.told_to_end = False
        self._process = process

    @classmethod
    def start(
        cls,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> "Child":
        """Start `argv`, its output appended to `log`.

        `env` replaces the environment if given. A program that does not exist shows
        as exit code 127 with the shell's message in the log.
        """
        gate, key = os.pipe()
        with log.open("ab") as output, os.fdopen(gate) as stdin:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _GATE, name, *map(str, argv)],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
            )
        child = cls(name, process, log)
        _running.add(child)
        guard_group(process.pid)
        with os.fdopen(key, "wb") as opener, contextlib.suppress(BrokenPipeError):
            opener.write(b"\n")
        return child

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        return self._noted(self._process.poll())

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises
        ------
        subprocess.TimeoutExpired
            If it still runs after `timeout` seconds.
        """
        code = self._process.wait(timeout)
        self._noted(code)
        return code

    def stop(self, grace: float = STOP_SECONDS) -> int:
        """Send SIGTERM, after `grace` seconds SIGKILL; return the exit code."""
        self.told_to_end = True
        if self.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.wait(grace)
        return self.kill()

    def kill(self) -> int:
        """Send SIGKILL to the process and its own children; return the exit code."""
        self.told_to_end = True
        if self.poll() is None:
            self._kill_group()
        return self.wait()

    def pause(self) -> None:
        """Stop its clock, as a suspended machine does (SIGSTOP)."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._process.send_signal(signal.SIGCONT)

    def tail(self, lines: int = 20) -> str:
        """Return the last `lines` of the log, for error messages."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"

    def _noted(self, code: int | None) -> int | None:
        if code is not None and self in _running:
            _running.discard(self)
            # What it started and did not end. Its number was free for a moment, but
            # the kernel counts through all others before it uses one again.
            self._kill_group()
            release_group(self.pid)
        return code

    def _kill_group(self) -> None:
        # macOS answers with PermissionError for a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


class ChildFailedError(DevError):
    """A program ended, or did not become ready, when it should have run."""

    def __init__(self, child: Child, what: str) -> None:
        super().__init__(f"{child.name} {what}; the end of {child.log}:\n{child.tail()}")


def running() -> tuple[Child, ...]:
    """Return the children that were started and not yet seen to end."""
    # A look at one that has ended takes it out of the set.
    return tuple(child for child in tuple(_running) if child.poll() is None)


_running: set[Child] = set()


@atexit.register
def _end_what_is_left() -> None:
    # Not left to the guardian: it cannot reap them, and would wait for that.
    for child in running():
        child.kill()
    close_guardian()

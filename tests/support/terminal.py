"""A real terminal (pty) with a program in it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

PATIENCE_SECONDS = 60.0


class Terminal:
    """A program in a terminal of `columns`, from ``with`` to the end of its block."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], columns: int = 100
    ) -> None:
        self._screen, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(inner)
        self.text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._screen)

    def press(self, keys: str) -> None:
        """Type `keys`; "\\x03" is Ctrl-C."""
        os.write(self._screen, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read on until the program has written `text`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.text:
            assert self._read(deadline), f"{text!r} is not in {self.text!r}"

    def end(self) -> int:
        """Read on until the program ends; return its exit code, negative for a signal."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._screen], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            found = os.read(self._screen, 65536)
        except OSError:
            return False  # nobody has the other end open
        self.text += found.decode(errors="replace")
        return bool(found)

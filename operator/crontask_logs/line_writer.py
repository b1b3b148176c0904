"""LineWriter writes lines to stderr for those who must not wait until somebody reads them."""

import logging
import os
import select
import sys
import threading
from contextlib import suppress
from typing import Final

WAITING_CHARACTERS: Final = 4 * 1024 * 1024
"""What may wait to be written. Beyond it lines are dropped and counted."""

FLUSH_SECONDS: Final = 1.0
"""How long the end of the process waits for what is not written yet."""

logger = logging.getLogger(__name__)


class LineWriter:
    """Writes in a thread of its own, in the order in which lines come.

    A pipe that is not drained holds 64 KiB; a write beyond that waits for the reader, and
    would stop the event loop. The thread is begun with the first line.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[str] = []
        self._size = 0
        self._dropped = 0
        self._told = 0
        self._thread: threading.Thread | None = None

    @property
    def dropped(self) -> int:
        """How many lines were dropped so far."""
        return self._dropped

    def write(self, line: str) -> None:
        """Have `line` written, unless too much waits already."""
        with self._changed:
            if self._size + len(line) > WAITING_CHARACTERS:
                self._dropped += 1
                return
            self._waiting.append(line)
            self._size += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all lines are written, for at most `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._size == 0, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                lines, self._waiting = self._waiting, []
            text = "".join(lines)
            # Nobody may be there to read, or the disk be full: nothing is left to tell it to.
            with suppress(OSError, ValueError):
                _write(text)
            with self._changed:
                self._size -= len(text)
                self._changed.notify_all()
                unseen = self._dropped - self._told
                self._told = self._dropped
            if unseen:
                logger.warning("%d log lines were dropped: nobody took them in time.", unseen)


def _write(text: str) -> None:
    stream = sys.stderr
    if stream is not sys.__stderr__:
        stream.write(text)
    elif stream is not None:
        # Not by the stream: it would be locked while it waits, and the interpreter, which
        # locks it at its end, could not end.
        _write_all(stream.fileno(), memoryview(text.encode("utf-8", "backslashreplace")))


def _write_all(file: int, data: memoryview) -> None:
    while data:
        try:
            data = data[os.write(file, data) :]
        except BlockingIOError:
            select.select([], [file], [])


LINES: Final = LineWriter()
"""The one of this process."""


def lines_dropped() -> int:
    """Return how many log lines of this process were dropped, because nobody took them."""
    return LINES.dropped

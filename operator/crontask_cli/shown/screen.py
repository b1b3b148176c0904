"""Screen says what the standard output can show, and writes to it, for all commands."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, TextIO

NARROWEST: Final = 40
"""Columns of a terminal that tables are cut to; a narrower one gets lines that wrap."""


class Style(StrEnum):
    """How a cell stands out, as the parameter of an SGR sequence (ECMA-48)."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"


class Screen:
    """The standard output.

    `width` is the number of columns of a terminal, None in a pipe: there nothing is cut.
    Colour is for terminals alone, and never with ``NO_COLOR`` (https://no-color.org).
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty()
        self.has_colour = (
            self.is_terminal
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") not in (None, "dumb")
        )
        self.width = self._columns() if self.is_terminal else None

    def styled(self, text: str, style: Style) -> str:
        """Return `text`, which is safe, in `style` where there is colour."""
        if not self.has_colour or not style:
            return text
        return f"\x1b[{style}m{text}\x1b[0m"

    def write(self, text: str) -> None:
        """Write `text` and the end of its line."""
        self._stream.write(f"{text}\n")

    def flush(self) -> None:
        """Send on what was written."""
        self._stream.flush()

    def _columns(self) -> int | None:
        named = os.environ.get("COLUMNS", "")
        try:
            columns = int(named) if named.isdecimal() else os.get_terminal_size(1).columns
        except (OSError, ValueError):
            return None
        return columns if columns >= NARROWEST else None


@contextmanager
def interruptible() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt within the block, which restores the terminal.

    Elsewhere it ends the process by the signal itself, whatever that waits for.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

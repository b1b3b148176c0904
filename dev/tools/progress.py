"""Signs of life from a build: a live line on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

PLAIN_SECONDS = 15.0
"""Between two plain lines: often enough that nobody takes a CI job for dead."""


def say(message: str) -> None:
    """Print one plain line on standard error, at once."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def can_change_lines(console: Console) -> bool:
    """Tell whether `console` is a terminal that can change a line it has shown.

    A dumb one, such as an editor's, cannot, and rich would show nothing on it.
    """
    return console.is_terminal and not console.is_dumb_terminal


@contextmanager
def live(title: str, console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """Show that `title` is being worked on; yield a function that shows how far it is.

    That function may be called as often as one likes.
    """
    console = console or Console(stderr=True)
    began = time.monotonic()

    def line(detail: str) -> str:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        return f"{title}: {minutes}:{seconds:02}, {detail}"

    if can_change_lines(console):
        with console.status(f"{title} ...") as status:
            yield lambda detail: status.update(line(detail))
        return

    due = began + PLAIN_SECONDS

    def plain(detail: str) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due += PLAIN_SECONDS
            say(line(detail))

    yield plain

"""LogPage collects the newest of many records, in bounded memory, for `query_tasks`."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from crontask_api.service.answer_room import MOST_BYTES
from crontask_api.service.cursor import encode_cursor
from crontask_core.status import RunRecord
from crontask_history.filters import Position

_SLACK_BYTES: Final = MOST_BYTES // 4
"""Bytes beyond those of a page after which what is too much is dropped."""

_RECORD_BYTES: Final = 1000
"""What a record takes besides its long texts."""


class LogLine(NamedTuple):
    """A record and its task."""

    record: RunRecord
    task_id: str
    name: str

    @property
    def position(self) -> Position:
        """Its place in the order of time."""
        return Position(self.record.begin_time, self.record.attempt, self.record.execution_id)

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes two lines the same attempt."""
        return (self.task_id, self.record.execution_id, self.record.attempt)


class LogPage:
    """Collects lines and keeps the newest of those older than `before`.

    Parameters
    ----------
    limit
        Most lines of the page.
    before
        Where the page before it ended.
    hold
        Takes as many bytes of the room that all answers share, or raises.
    """

    def __init__(self, limit: int, before: Position | None, hold: Callable[[int], None]) -> None:
        self._limit = limit
        self._before = before
        self._hold = hold
        self._lines: dict[tuple[str, str, int], LogLine] = {}
        self._bytes = 0
        self._held = 0
        self._known_to: Position | None = None
        """How far back everything has been looked at; None if that is all the way."""
        self._dropped: Position | None = None
        """Place of the newest line that did not fit; older ones do not either."""

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take `lines` into account.

        One takes the place of an earlier one of the same attempt, unless only that has ended.

        Raises
        ------
        RequestError
            If all answers together, or those of this client, have no room left.
        """
        for line in lines:
            if self._before is not None and line.position >= self._before:
                continue
            if self._dropped is None or line.position > self._dropped:
                self._put(line)
        if len(self._lines) > 2 * self._limit or self._bytes > MOST_BYTES + _SLACK_BYTES:
            self._cut()
        if self._bytes > self._held:
            self._hold(self._bytes - self._held)
            self._held = self._bytes

    def look_back_to(self, position: Position) -> None:
        """Take note that there may be more lines than were added, older than `position`."""
        self._known_to = max(self._known_to or position, position)

    def finish(self) -> tuple[list[LogLine], str]:
        """Return the lines, newest first, and the cursor of the next page, or ``""``."""
        self._cut()
        lines = list(self._lines.values())
        known_to = self._known_to
        if known_to is not None and (self._dropped is None or self._dropped < known_to):
            lines = [line for line in lines if line.position >= known_to]
            return lines, encode_cursor(known_to)
        return lines, encode_cursor(lines[-1].position) if self._dropped is not None else ""

    def _put(self, line: LogLine) -> None:
        known = self._lines.get(line.key)
        if known is not None:
            if known.record.end_time is not None and line.record.end_time is None:
                return
            self._bytes -= _size(known.record)
        self._lines[line.key] = line
        self._bytes += _size(line.record)

    def _cut(self) -> None:
        lines = sorted(self._lines.values(), key=lambda line: line.position, reverse=True)
        self._bytes, kept = 0, len(lines)
        for index, line in enumerate(lines):
            size = _size(line.record)
            # The first one fits in any case, or nobody could ever go beyond it.
            if index == self._limit or (index and self._bytes + size > MOST_BYTES):
                self._dropped, kept = line.position, index
                break
            self._bytes += size
        self._lines = {line.key: line for line in lines[:kept]}


def _size(record: RunRecord) -> int:
    """Return about how many bytes of memory `record` takes."""
    size = len(record.url) + len(record.body) + len(record.response) + len(record.error)
    is_ascii = record.body.isascii() and record.response.isascii()
    return _RECORD_BYTES + (size if is_ascii else 4 * size)

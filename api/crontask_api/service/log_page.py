"""LogPage collects the newest of many records, in bounded memory, for `query_tasks`."""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from crontask_api.errors import RequestError
from crontask_api.service.answer_room import MOST_BYTES
from crontask_core.status import RunRecord

_SLACK_BYTES: Final = MOST_BYTES // 4
"""Bytes beyond those of a page after which what is too much is dropped."""

_RECORD_BYTES: Final = 1000
"""What a record takes besides its long texts."""


class Position(NamedTuple):
    """Place of a record in the order of time; no two records share one."""

    begin_time: datetime
    attempt: int
    execution_id: str

    @classmethod
    def of(cls, record: RunRecord) -> "Position":
        """Return the place of `record`."""
        return cls(record.begin_time, record.attempt, record.execution_id)


class LogLine(NamedTuple):
    """A record and its task."""

    record: RunRecord
    task_id: str
    name: str


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
        self._lines: list[LogLine] = []
        self._bytes = 0
        self._held = 0
        self._dropped: Position | None = None
        """Place of the newest line that did not fit; older ones do not either."""

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take `lines` into account.

        Raises
        ------
        RequestError
            If all answers together, or those of this client, have no room left.
        """
        for line in lines:
            if self._before is not None and Position.of(line.record) >= self._before:
                continue
            if self._dropped is None or Position.of(line.record) > self._dropped:
                self._lines.append(line)
                self._bytes += _size(line.record)
        if len(self._lines) > 2 * self._limit or self._bytes > MOST_BYTES + _SLACK_BYTES:
            self._cut()
        if self._bytes > self._held:
            self._hold(self._bytes - self._held)
            self._held = self._bytes

    def finish(self) -> tuple[list[LogLine], str]:
        """Return the lines, newest first, and the cursor of the next page, or ``""``."""
        self._cut()
        more = self._dropped is not None
        return self._lines, encode_cursor(Position.of(self._lines[-1].record)) if more else ""

    def _cut(self) -> None:
        self._lines.sort(key=lambda line: Position.of(line.record), reverse=True)
        if len(self._lines) <= self._limit and self._bytes <= MOST_BYTES:
            return
        self._bytes = 0
        for index, line in enumerate(self._lines):
            size = _size(line.record)
            # The first one fits in any case, or nobody could ever go beyond it.
            if index == self._limit or (index and self._bytes + size > MOST_BYTES):
                self._dropped = Position.of(line.record)
                del self._lines[index:]
                return
            self._bytes += size


def _size(record: RunRecord) -> int:
    """Return about how many bytes of memory `record` takes."""
    size = len(record.url) + len(record.body) + len(record.response) + len(record.error)
    is_ascii = record.body.isascii() and record.response.isascii()
    return _RECORD_BYTES + (size if is_ascii else 4 * size)


def encode_cursor(position: Position) -> str:
    """Return `position` as text that is safe in a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def decode_cursor(text: str) -> Position:
    """Return the position that `encode_cursor` made `text` of.

    Raises
    ------
    RequestError
        If it did not.
    """
    try:
        position = msgspec.json.decode(base64.urlsafe_b64decode(text), type=Position)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise RequestError("cursor: expected next_cursor of an earlier answer") from error
    if position.begin_time.tzinfo is None:
        raise RequestError("cursor: expected next_cursor of an earlier answer")
    return position

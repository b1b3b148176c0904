"""LogPage collects the newest of many records, in bounded memory, for `query_tasks`."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from crontask_api.errors import RequestError
from crontask_core.status import RunRecord


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
    """Collects lines and keeps the newest `limit` of those older than `before`."""

    def __init__(self, limit: int, before: Position | None = None) -> None:
        self._limit = limit
        self._before = before
        self._lines: list[LogLine] = []

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take `lines` into account."""
        for line in lines:
            if self._before is None or Position.of(line.record) < self._before:
                self._lines.append(line)
        # One more than asked for tells whether there is a further page.
        if len(self._lines) > 2 * self._limit:
            self._cut()

    def finish(self) -> tuple[list[LogLine], str]:
        """Return the lines, newest first, and the cursor of the next page, or ``""``."""
        self._cut()
        page = self._lines[: self._limit]
        more = len(self._lines) > self._limit
        return page, encode_cursor(Position.of(page[-1].record)) if more else ""

    def _cut(self) -> None:
        self._lines.sort(key=lambda line: Position.of(line.record), reverse=True)
        del self._lines[self._limit + 1 :]


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

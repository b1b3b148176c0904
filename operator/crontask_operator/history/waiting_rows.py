"""WaitingRows holds rows until the database has taken them, bounded and shared fairly.

What is waited for may be away for hours, and tenants choose how many rows there are and how
large. So rows and bytes are bounded, and a namespace may fill as much as it leaves free: one
that makes thousands of large rows loses its own. First to go are rows of what has only
begun, then the oldest: what a status keeps are the newest.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from crontask_history.row import RunRow
from crontask_operator.sharing.fair_queue import FairQueue

MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class WaitingRow:
    """A row, when it was made by a monotonic clock, and how many bytes it takes."""

    row: RunRow
    since: float
    size: int


class WaitingRows:
    """Rows in turns of namespaces, those of ended attempts first.

    Parameters
    ----------
    most_rows, most_bytes
        What may wait of all namespaces together.
    """

    def __init__(self, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> None:
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._ended = FairQueue[WaitingRow]()
        self._begun = FairQueue[WaitingRow]()
        self._bytes_of: Counter[str] = Counter()
        self.bytes = 0
        """Bytes that wait."""

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self._ended) + len(self._begun)

    def put(self, waiting: WaitingRow) -> list[RunRow]:
        """Have a row wait; return those of its namespace that had to go for it."""
        namespace = waiting.row.namespace
        self._queue_of(waiting).put(namespace, waiting)
        self._count(waiting, 1)
        dropped: list[RunRow] = []
        while self._is_over_its_share(namespace):
            queue = self._begun if self._begun.waiting(namespace) else self._ended
            first = queue.first(namespace)
            queue.remove(namespace, first)
            self._count(first, -1)
            dropped.append(first.row)
        return dropped

    def take(self, most_rows: int, most_bytes: int) -> list[WaitingRow]:
        """Take the rows whose turn it is: one at least if any wait, and not more than that."""
        taken: list[WaitingRow] = []
        size = 0
        for queue in (self._ended, self._begun):
            while len(taken) < most_rows and size < most_bytes:
                waiting = queue.take()
                if waiting is None:
                    break
                queue.give_back(waiting.row.namespace)
                self._count(waiting, -1)
                size += waiting.size
                taken.append(waiting)
        return taken

    def _queue_of(self, waiting: WaitingRow) -> FairQueue[WaitingRow]:
        return self._ended if waiting.row.is_final else self._begun

    def _count(self, waiting: WaitingRow, sign: int) -> None:
        namespace = waiting.row.namespace
        self.bytes += sign * waiting.size
        self._bytes_of[namespace] += sign * waiting.size
        if not self._bytes_of[namespace]:
            del self._bytes_of[namespace]

    def _is_over_its_share(self, namespace: str) -> bool:
        rows = self._ended.waiting(namespace) + self._begun.waiting(namespace)
        return (
            rows > self._most_rows - len(self)
            or self._bytes_of[namespace] > self._most_bytes - self.bytes
        )

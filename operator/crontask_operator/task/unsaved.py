"""UnsavedRecords keeps the records of one task that wait to be written, within a bound for all.

They wait for as long as the API server is away. Those of all tasks together take a bounded
part of the memory: beyond it a new record loses its texts, and beyond twice that the oldest
of its task goes. Both are counted.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from crontask_core.status import RunRecord
from crontask_operator.task.run_history import slim_record

BYTES: Final = 64 * 1024 * 1024
"""Bytes of all records before new ones lose texts: some 50,000 of usual size."""

RECORD_BYTES: Final = 1024
"""What a record takes besides its long texts, about."""


@dataclass(slots=True)
class Ledger:
    """What the records of all tasks that wait take, and what was given up for the bound."""

    limit: int = BYTES
    records: int = 0
    bytes: int = 0
    cut: int = 0
    """Records that lost their texts."""
    dropped: int = 0
    """Records that went; their runs are counted in the status."""


LEDGER: Final = Ledger()
"""Of this process."""


class UnsavedRecords:
    """Records which the API has not accepted yet, oldest first."""

    __slots__ = ("_ledger", "_records")

    def __init__(self, ledger: Ledger = LEDGER) -> None:
        self._ledger = ledger
        self._records: list[RunRecord] = []

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RunRecord]:
        return iter(self._records)

    def __del__(self) -> None:
        # A task that is deleted takes its records along.
        self.clear()

    def append(self, record: RunRecord) -> None:
        """Add the newest record, as much of it as there is room for."""
        ledger = self._ledger
        if ledger.bytes > ledger.limit:
            slim = slim_record(record)
            ledger.cut += slim is not record
            record = slim
        if ledger.bytes > 2 * ledger.limit and self._records:
            ledger.dropped += 1
            self.keep_newest(len(self._records) - 1)
        self._records.append(record)
        self._count((record,), 1)

    def keep_newest(self, number: int) -> None:
        """Let go of all but so many."""
        gone = self._records[: len(self._records) - number]
        del self._records[: len(gone)]
        self._count(gone, -1)

    def remove(self, written: Collection[RunRecord]) -> None:
        """Let go of these very records, which were written."""
        # By identity: while the write was under way, others may have been dropped.
        ids = set(map(id, written))
        self._replace([record for record in self._records if id(record) not in ids])

    def change(self, change: Callable[[RunRecord], RunRecord]) -> bool:
        """Replace each record by what `change` makes of it; return whether any differs."""
        changed = list(map(change, self._records))
        differs = changed != self._records
        self._replace(changed)
        return differs

    def clear(self) -> None:
        """Let go of all."""
        self._replace([])

    def _replace(self, records: list[RunRecord]) -> None:
        self._count(self._records, -1)
        self._records = records
        self._count(records, 1)

    def _count(self, records: Collection[RunRecord], sign: int) -> None:
        ledger = self._ledger
        ledger.records += sign * len(records)
        for record in records:
            texts = len(record.body) + len(record.response) + len(record.error)
            ledger.bytes += sign * (RECORD_BYTES + texts)

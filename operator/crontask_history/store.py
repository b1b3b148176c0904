"""HistoryStore is the seam between those who write or read the history and its database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crontask_history.filters import Page, RunFilter
from crontask_history.row import RunId, RunRow, TaskKey
from crontask_history.statistics import Per, RunStats


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: rows of so many days, and so many rows; 0 bounds nothing."""

    days: int = 30
    rows: int = 0


class HistoryStore(Protocol):
    """Where attempts are kept.

    Every method raises a `HistoryAwayError` if the database does not do it now, and ends in
    bounded time. Nothing is half done then, but it may have been done: doing it again is
    right.
    """

    async def prepare(self) -> None:
        """Bring the tables up to this version, once for all who ask at a time."""

    async def append(self, rows: Sequence[RunRow]) -> None:
        """Keep `rows`, all or none; a row takes the place of an earlier one of its key.

        A row that is not final never takes the place of one that is.

        Raises
        ------
        RowsRefusedError
            If the database will never take one of them.
        """

    async def query(self, wanted: RunFilter) -> Page:
        """Return a page of what is wanted."""

    async def query_tasks(self, wanted: RunFilter, tasks: Sequence[TaskKey]) -> Page:
        """Return a page of what is wanted, newest first, of `tasks`.

        Each task is looked for by itself, so that one which runs often hides no other. Runs of
        an earlier object of the same name are not among them.
        """

    async def attempts_of(self, runs: Sequence[RunId]) -> list[RunRow]:
        """Return all attempts of `runs`, without texts.

        The question names each run: hundreds of them are as many as it should.
        """

    async def stats(self, wanted: RunFilter, per: Per) -> RunStats:
        """Return the figures of what is wanted, whose text, limit and order count for nothing.

        Raises
        ------
        HistoryBusyError
            If as many are counting already as may.
        TooLongError
            If there are more rows than can be counted in a few seconds.
        """

    async def since(self, shard: int, moment: datetime) -> list[RunRow]:
        """Return the ended attempts of `shard` that began at `moment` or later, oldest first.

        They are without texts. It is a bounded number: the newest ones.
        """

    async def prune(self, retention: Retention, now: datetime) -> int:
        """Drop what is to be kept no longer, and make room for the days to come.

        Returns how many days, or where days are no unit rows, were dropped. It is done by
        one at a time; a second one who asks drops nothing.
        """

    async def close(self) -> None:
        """Release the connections. Nothing may follow."""

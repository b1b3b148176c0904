"""Punctuality says, for HistoryWriter, whether rows are in the database a moment after they came.

::

    put ──────────────────────> taken ────────────────> written
         late: after 1 s               slow: after 3 s
         behind: after 5 s             (the database is at work)
         (this process is at work)

Whoever is behind or slow stays so until a batch shows that it is over: statuses, which are
written in the place of rows meanwhile, must not come and go with each batch.
"""

import asyncio
from typing import Final

from crontask_operator.engine.burst import HOLD_SECONDS

LATE_SECONDS: Final = HOLD_SECONDS / 2
"""A full batch after one whose first row has waited so long is written beside what is due."""

BEHIND_SECONDS: Final = 5.0
"""Rows that wait for longer before they are taken pile up. They may be as old as a status by
default: to write statuses sooner takes from the rows the time that they lack."""

SLOW_SECONDS: Final = 3.0
"""A batch that takes longer waits for a database that is in trouble."""


class Punctuality:
    """What the latest batches have shown; nothing here waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun: float | None = None
        self.is_late = False
        """Whether the first row of the latest batch had to wait."""
        self._is_behind = False
        self._is_slow = False

    def __bool__(self) -> bool:
        """Tell whether a row that is put now is in the database in a moment."""
        if self._is_behind or self._is_slow:
            return False
        return self._begun is None or self._loop.time() - self._begun < SLOW_SECONDS

    def begin(self, first: float) -> None:
        """Take note that a batch is written now, of which the first row came at `first`."""
        self._begun = self._loop.time()
        waited = self._begun - first
        self.is_late = waited >= LATE_SECONDS
        self._is_behind = waited >= (LATE_SECONDS if self._is_behind else BEHIND_SECONDS)

    def end(self, *, rows_wait: bool) -> None:
        """Take note that the batch is written, and whether more rows wait."""
        if self._begun is not None:
            self._is_slow = rows_wait and self._loop.time() - self._begun >= SLOW_SECONDS
        self._is_behind &= rows_wait
        self._begun = None

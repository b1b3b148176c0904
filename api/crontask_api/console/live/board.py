"""Board holds what is known of all tasks, and tells those who wait for a change.

It belongs to one event loop. What is kept of a task has a bound (`row`), and so has the
number of tasks.
"""

import asyncio
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from crontask_api.console.live.row import Key, Row

MOST_ROWS: Final = 50_000
"""Tasks that are kept: some 2 KB each. Those beyond it are counted and not shown."""


class Listener:
    """Waits for changes of one task, or of any."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Wake who waits, or who will wait next."""
        self._changed.set()

    async def changed(self, within_seconds: float) -> bool:
        """Return True as soon as something has changed, False if nothing has in time.

        Whatever happens between two calls is one change.
        """
        try:
            async with asyncio.timeout(within_seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class Board:
    """Rows by namespace and name, and what is wrong with the view of them."""

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._rows: dict[Key, Row] = {}
        self._refused: set[Key] = set()
        self._troubles: dict[str, str] = {}
        self._unlisted: set[str] = set()
        self._id = secrets.token_hex(4)
        self._changes = 0
        self._of_all: set[Listener] = set()
        self._of_one: dict[Key, set[Listener]] = {}

    @property
    def rows(self) -> Mapping[Key, Row]:
        """All tasks that are kept; a view that changes with them."""
        return MappingProxyType(self._rows)

    @property
    def left_out(self) -> int:
        """How many tasks there are beyond those that are kept."""
        return len(self._refused)

    @property
    def is_complete(self) -> bool:
        """Whether everything was listed once."""
        return not self._unlisted

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why what is shown may be out of date, by what is followed; empty if it is not."""
        return MappingProxyType(self._troubles)

    @property
    def listening(self) -> int:
        """How many wait for changes."""
        return len(self._of_all) + sum(map(len, self._of_one.values()))

    def stamp(self, key: Key | None = None) -> str:
        """Return what is another text as soon as the task `key`, or any, has changed.

        Replicas have different ones, and so does each process.
        """
        row = None if key is None else self._rows.get(key)
        what = str(self._changes) if key is None else f"{row and row.version}.{len(self._troubles)}"
        return f"{self._id}.{what}"

    def expect(self, what: str) -> None:
        """Note that `what` is going to be listed for the first time."""
        self._unlisted.add(what)

    def seen(self, what: str) -> None:
        """Note that the view of `what` is up to date."""
        if what in self._unlisted or what in self._troubles:
            self._unlisted.discard(what)
            self._troubles.pop(what, None)
            self._tell_all()

    def lost(self, what: str, why: str) -> None:
        """Note that the view of `what` may be out of date from now on, and why."""
        if self._troubles.get(what) != why:
            self._troubles[what] = why
            self._tell_all()

    def put(self, row: Row) -> None:
        """Keep `row` in the place of what was known of the task."""
        if row.key not in self._rows and len(self._rows) >= self._most_rows:
            self._refused.add(row.key)
            return
        self._rows[row.key] = row
        self._tell(row.key)

    def drop(self, key: Key) -> None:
        """Forget a task that is gone."""
        self._refused.discard(key)
        if self._rows.pop(key, None) is not None:
            self._tell(key)

    def keep_only(self, keys: Collection[Key], namespace: str | None) -> None:
        """Forget the tasks of `namespace`, or of all if that is None, but for `keys`."""
        for known in (self._rows, self._refused):
            gone = [
                key
                for key in known
                if key not in keys and (namespace is None or key[0] == namespace)
            ]
            for key in gone:
                self.drop(key)

    @contextmanager
    def listen(self, key: Key | None = None) -> Iterator[Listener]:
        """Let the block wait for changes of the task `key`, or of any if that is None."""
        listener = Listener()
        listeners = self._of_all if key is None else self._of_one.setdefault(key, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if key is not None and not listeners:
                self._of_one.pop(key, None)

    def _tell(self, key: Key) -> None:
        self._changes += 1
        for listener in self._of_all:
            listener.tell()
        for listener in self._of_one.get(key, ()):
            listener.tell()

    def _tell_all(self) -> None:
        self._changes += 1
        for listener in self._of_all.union(*self._of_one.values()):
            listener.tell()

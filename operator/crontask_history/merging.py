"""MergedPages makes one page of the pages of several tasks, for `HistoryStore.query_tasks`."""

from dataclasses import replace
from operator import attrgetter

from crontask_history.filters import Page, Position, RunFilter
from crontask_history.row import RunRow, TaskKey


class MergedPages:
    """Collects the pages of tasks, newest first, and keeps the newest rows of all of them.

    Parameters
    ----------
    wanted
        What is wanted of each task; its `limit` is that of the merged page.
    """

    def __init__(self, wanted: RunFilter) -> None:
        self._wanted = replace(wanted, newest_first=True)
        self._rows: list[RunRow] = []
        self._known_to: Position | None = None
        """How far back all tasks have been looked at; None if that is all the way."""

    def wanted_of(self, task: TaskKey) -> RunFilter:
        """Return the filter by which the rows of the next task, `task`, are to be found.

        What is older than a full page cannot get into it, so it is left for the next one.
        """
        begin = self._wanted.begin
        if len(self._rows) == self._wanted.limit:
            oldest = self._rows[-1].begin_time
            self._look_back_to(Position.of(self._rows[-1]))
            begin = oldest if begin is None else max(begin, oldest)
        return replace(self._wanted, name=task.name, uid=task.uid, begin=begin)

    def add(self, page: Page) -> None:
        """Take in the page of one task."""
        if page.next is not None:
            self._look_back_to(page.next)
        self._rows = sorted([*self._rows, *page.rows], key=_POSITION, reverse=True)
        if len(self._rows) > self._wanted.limit:
            del self._rows[self._wanted.limit :]
            self._look_back_to(Position.of(self._rows[-1]))

    def page(self) -> Page:
        """Return the page."""
        known_to = self._known_to
        if known_to is None:
            return Page(self._rows)
        return Page([row for row in self._rows if Position.of(row) >= known_to], known_to)

    def _look_back_to(self, position: Position) -> None:
        self._known_to = max(self._known_to or position, position)


_POSITION = attrgetter("begin_time", "attempt", "execution_id")

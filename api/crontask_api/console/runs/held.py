"""held_page finds a page of runs among those that the statuses hold, where there is no history.

They are the runs of the shared view: the last ten of each task, without answers and errors.
"""

import base64
import binascii
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from crontask_api.console.live.row import Row, Run
from crontask_api.console.runs.query import PAGE_SIZE, RunsQuery


class Place(NamedTuple):
    """Where a run is in the order of time."""

    due: float
    """Seconds since the epoch."""
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class HeldRun:
    """One run, and the task that it is of."""

    row: Row
    run: Run

    @property
    def place(self) -> Place:
        """Where it is in the list."""
        return Place(self.run.scheduled, self.row.namespace, self.row.name)


@dataclass(frozen=True, slots=True)
class HeldRuns:
    """A page of a list of runs, newest first, with cursors as of `finding.FoundRuns`."""

    runs: list[HeldRun]
    newer: str
    older: str


def held_page(rows: Iterable[Row], query: RunsQuery, *, size: int = PAGE_SIZE) -> HeldRuns:
    """Return the page of the runs of `rows` at the place that `query` names."""
    found = list(_matching(rows, query))
    if query.before and (place := _read(query.before)):
        newer = (each for each in found if each.place > place)
        runs = heapq.nsmallest(size + 1, newer, key=lambda each: each.place)
        if len(runs) > size:
            return _page(runs[size - 1 :: -1], has_newer=True, has_older=True)
    after = None if query.before else _read(query.after)
    older = (each for each in found if after is None or each.place < after)
    runs = heapq.nlargest(size + 1, older, key=lambda each: each.place)
    return _page(runs[:size], has_newer=after is not None, has_older=len(runs) > size)


def _page(runs: list[HeldRun], *, has_newer: bool, has_older: bool) -> HeldRuns:
    return HeldRuns(
        runs,
        newer=_cursor(runs[0].place) if runs and has_newer else "",
        older=_cursor(runs[-1].place) if runs and has_older else "",
    )


def _matching(rows: Iterable[Row], query: RunsQuery) -> Iterator[HeldRun]:
    begin = None if query.begin is None else query.begin.timestamp()
    end = None if query.end is None else query.end.timestamp()
    for row in rows:
        if (
            (query.namespace and row.namespace != query.namespace)
            or (query.task and query.task not in (row.name, row.title))
            or (query.module is not None and row.module != query.module)
        ):
            continue
        for run in row.runs:
            if (
                (query.status is None or run.status is query.status)
                and (begin is None or run.scheduled >= begin)
                and (end is None or run.scheduled < end)
            ):
                yield HeldRun(row, run)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _read(text: str) -> Place | None:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Place)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None

"""list_rows finds, sorts and pages the tasks of a board that a query asks for.

All of it is in memory: ten thousand tasks are looked through in some milliseconds, and the
API server is asked nothing. A cursor is the place of a task in the order, so tasks that come
and go do not shift the pages.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Final

import msgspec

from crontask_api.console.live.row import Row
from crontask_api.console.tasks.query import PAGE_SIZE, Query, Sort

Place = tuple[float, str, str, str]
"""Where a row is in an order that goes upwards: a number, then its names."""

_ABSENT: Final = inf
"""What has no moment comes last, whichever way the list is sorted."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list."""

    rows: list[Row]
    total: int
    """Tasks that the query asks for, on all pages."""
    first: int
    """How many of them are before this page."""
    before: str
    """Cursor of the page before this one; empty if this is the first."""
    after: str
    """Cursor of the page after this one; empty if this is the last."""


def matching(rows: Iterable[Row], query: Query) -> list[Row]:
    """Return those of `rows` that `query` asks for."""
    words = query.text.casefold().split()
    method = query.method.casefold()
    return [
        row
        for row in rows
        if (not words or all(word in row.searched for word in words))
        and (query.phase is None or row.phase == query.phase)
        and (query.type is None or row.type == query.type)
        and (query.module is None or row.module == query.module)
        and (not method or row.method.casefold() == method)
        and (not query.namespace or row.namespace == query.namespace)
        and (not query.failing or row.is_failing)
    ]


def list_rows(rows: Iterable[Row], query: Query, *, size: int = PAGE_SIZE) -> Listing:
    """Return the page of `rows` at the place that `query` names."""
    place_of = _places(query)
    # Names have no negative, so their order is turned around as a whole.
    turned = query.sort is Sort.NAME and query.is_downwards
    placed = [(place_of(row), row) for row in matching(rows, query)]
    placed.sort(key=lambda each: each[0], reverse=turned)
    begin, end = 0, size
    if query.before and (cursor := _decoded(query.before)):
        # The first page is full, though the one after it may have begun within it.
        end = max(
            size, sum((place > cursor) if turned else (place < cursor) for place, _ in placed)
        )
        begin = end - size
    elif query.after and (cursor := _decoded(query.after)):
        begin = sum((place >= cursor) if turned else (place <= cursor) for place, _ in placed)
        if begin == len(placed):
            # What came after the cursor is gone by now.
            begin = max(0, begin - size)
        end = begin + size
    shown = placed[begin:end]
    return Listing(
        rows=[row for _, row in shown],
        total=len(placed),
        first=begin,
        before=_encoded(shown[0][0]) if begin > 0 else "",
        after=_encoded(shown[-1][0]) if end < len(placed) else "",
    )


def _places(query: Query) -> Callable[[Row], Place]:
    sign = -1.0 if query.is_downwards else 1.0

    def of_number(number: float | None) -> float:
        return _ABSENT if number is None else sign * number

    match query.sort:
        case Sort.NEXT:
            return lambda row: (of_number(row.next_run), *_names(row))
        case Sort.LAST:
            return lambda row: (of_number(row.last_run), *_names(row))
        case Sort.FAILURES:
            return lambda row: (of_number(row.failures), *_names(row))
        case Sort.NAME:
            return lambda row: (0.0, *_names(row))


def _names(row: Row) -> tuple[str, str, str]:
    return (row.title.casefold(), row.namespace, row.name)


def _encoded(place: Place) -> str:
    number = None if place[0] == _ABSENT else place[0]
    return base64.urlsafe_b64encode(msgspec.json.encode((number, *place[1:]))).decode()


def _decoded(text: str) -> Place | None:
    try:
        data = base64.urlsafe_b64decode(text)
        number, *names = msgspec.json.decode(data, type=tuple[float | None, str, str, str])
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
    title, namespace, name = names
    return (_ABSENT if number is None else number, title, namespace, name)

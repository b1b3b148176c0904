"""find_page finds a page of runs in the history by several questions, and goes both ways.

The history answers for one namespace at a time, for who may see one may not see all. The
answers are put together here, and so are those of the history and what a status holds.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from crontask_api.errors import RequestError
from crontask_api.service.cursor import decode_cursor, encode_cursor
from crontask_history.errors import HistoryAwayError
from crontask_history.filters import Page, Position, RunFilter
from crontask_history.row import RunKey, RunRow
from crontask_history.store import HistoryStore

MOST_NAMESPACES: Final = 20
"""Namespaces that one page puts together: each is a question to the database, or two."""


PATIENCE_SECONDS: Final = 5.0
"""A page is not kept waiting for a database for as long as a program would wait."""


@dataclass(frozen=True, slots=True)
class FoundRuns:
    """A page of a list of runs, newest first."""

    rows: list[RunRow]
    newer: str
    """Cursor of the page before this one; empty if this is the first."""
    older: str
    """Cursor of the page after this one; empty if this is the last."""
    looked_to: Position | None
    """Where the look ended, if that is before the page was full."""


@asynccontextmanager
async def patiently() -> AsyncIterator[None]:
    """Wait for the history no longer than a person does.

    Raises
    ------
    HistoryAwayError
        If the block takes longer.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield
    except TimeoutError:
        raise HistoryAwayError(f"no answer within {PATIENCE_SECONDS:g} s") from None


async def find_page(
    history: HistoryStore,
    questions: Sequence[RunFilter],
    *,
    limit: int,
    before: str,
    after: str,
    beside: Sequence[RunRow] = (),
) -> FoundRuns:
    """Return the page that ends before or begins after a cursor, of what answers any question.

    `beside` are rows that the history may not have, and that answer one as well.

    Raises
    ------
    HistoryError
        If the database is away or too slow.
    """
    if before and (place := _place(before)):
        asked = [_at(each, place, limit, newest_first=False) for each in questions]
        page = await _asked(history, asked, beside)
        if page.next is not None:
            rows = page.rows[::-1]
            last = Position.of(rows[-1]) if rows else place
            return FoundRuns(rows, encode_cursor(page.next), encode_cursor(last), None)
        # There is nothing newer than this page: it is the first, and is to be a full one.
        after = ""
    place = _place(after) if after else None
    asked = [_at(each, place, limit, newest_first=True) for each in questions]
    page = await _asked(history, asked, beside)
    newer = "" if place is None else encode_cursor(_first(page, place))
    older = "" if page.next is None else encode_cursor(page.next)
    is_short = page.next is not None and len(page.rows) < limit
    return FoundRuns(page.rows, newer, older, page.next if is_short else None)


def put_together(pages: Sequence[Page], *, limit: int, newest_first: bool) -> Page:
    """Return the page that `pages` of several sources make, with each row once.

    A source that was not looked through to its end says nothing of what is beyond the place
    where the look ended, so the page ends there too.
    """
    ends = [page.next for page in pages if page.next is not None]
    end = (max if newest_first else min)(ends, default=None)
    rows: dict[RunKey, RunRow] = {}
    for page in pages:
        for row in page.rows:
            is_final = row.key in rows and rows[row.key].is_final
            if not is_final and (end is None or _is_within(Position.of(row), end, newest_first)):
                rows[row.key] = row
    ordered = sorted(rows.values(), key=Position.of, reverse=newest_first)
    if len(ordered) > limit:
        ordered = ordered[:limit]
        end = Position.of(ordered[-1])
    return Page(ordered, end)


def _at(
    question: RunFilter, place: Position | None, limit: int, *, newest_first: bool
) -> RunFilter:
    return replace(question, after=place, limit=limit, newest_first=newest_first)


async def _asked(
    history: HistoryStore, questions: Sequence[RunFilter], beside: Sequence[RunRow]
) -> Page:
    if not questions:
        return Page()
    pages = await asyncio.gather(*map(history.query, questions))
    place, newest_first = questions[0].after, questions[0].newest_first
    others = [
        row
        for row in beside
        if place is None or not _is_within(Position.of(row), place, newest_first)
    ]
    limit = questions[0].limit
    return put_together([*pages, Page(others)], limit=limit, newest_first=newest_first)


def _place(cursor: str) -> Position | None:
    """Return the place that a cursor stands for, None if it is not one of ours."""
    try:
        return decode_cursor(cursor)
    except RequestError:
        return None


def _is_within(position: Position, end: Position, newest_first: bool) -> bool:
    return position >= end if newest_first else position <= end


def _first(page: Page, place: Position) -> Position:
    return Position.of(page.rows[0]) if page.rows else place

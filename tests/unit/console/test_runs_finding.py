"""Runs of several namespaces, and of a history and a status, are one list both ways."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from crontask_api.console.runs import finding
from crontask_api.console.runs.finding import FoundRuns, find_page
from crontask_history.errors import HistoryAwayError
from crontask_history.filters import Position, RunFilter
from crontask_history.opening import open_history
from crontask_history.row import RunRow
from crontask_history.sql import reading
from crontask_history.store import HistoryStore
from crontask_history.url import parse_history_url
from tests.history.rows import row, started

SPACES = ("a", "b", "c")
ROWS = [row(at // 2, execution_id=f"{at:032x}", namespace=SPACES[at * at % 3]) for at in range(25)]
NEWEST_FIRST = sorted(ROWS, key=Position.of, reverse=True)
WANTED = [RunFilter(namespace=each) for each in SPACES]


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[HistoryStore]:
    """A history with `ROWS`."""
    opened = open_history(parse_history_url(f"sqlite:///{tmp_path / 'runs.db'}"), connections=2)
    await opened.prepare()
    await opened.append(ROWS)
    yield opened
    await opened.close()


async def down(
    store: HistoryStore, wanted: list[RunFilter], limit: int = 10, beside: Sequence[RunRow] = ()
) -> list[FoundRuns]:
    """Return the pages from the newest to the last."""
    pages: list[FoundRuns] = []
    while not pages or pages[-1].older:
        older = pages[-1].older if pages else ""
        page = await find_page(store, wanted, limit=limit, before="", after=older, beside=beside)
        pages.append(page)
    return pages


async def up(
    store: HistoryStore, newer: str, wanted: list[RunFilter] = WANTED, limit: int = 10
) -> FoundRuns:
    """Return the page before a cursor."""
    return await find_page(store, wanted, limit=limit, before=newer, after="")


def keys(pages: list[FoundRuns]) -> list[str]:
    """Return what is on `pages`."""
    return [each.execution_id for page in pages for each in page.rows]


async def test_all_is_found_once_in_order(store: HistoryStore) -> None:
    pages = await down(store, WANTED)
    assert [len(page.rows) for page in pages] == [10, 10, 5]
    assert keys(pages) == [each.execution_id for each in NEWEST_FIRST]
    assert [bool(page.newer) for page in pages] == [False, True, True]


async def test_the_way_back_has_the_same_pages(store: HistoryStore) -> None:
    pages = await down(store, WANTED)
    back = await up(store, pages[2].newer)
    assert back.rows == pages[1].rows
    first = await up(store, back.newer)
    assert (first.rows, first.newer) == (pages[0].rows, "")


async def test_the_first_page_is_full_though_another_began_within_it(store: HistoryStore) -> None:
    place = await find_page(store, WANTED, limit=3, before="", after="")
    back = await up(store, place.older)
    assert (len(back.rows), back.newer) == (10, "")
    # Of an address that says both, the way back counts.
    both = await find_page(store, WANTED, limit=10, before=place.older, after=place.older)
    assert both == back


async def test_a_namespace_that_was_not_asked_for_is_not_there(store: HistoryStore) -> None:
    page = await find_page(store, WANTED[1:2], limit=10, before="", after="")
    assert {each.namespace for each in page.rows} == {"b"}
    assert (await find_page(store, [], limit=10, before="", after="")).rows == []


async def test_a_look_that_ends_early_hides_nothing(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In one namespace what is wanted is rare, in another it is all.
    monkeypatch.setattr(reading, "SIFTED", 4)
    rare = [row(at, execution_id=f"{at + 99:032x}", namespace="a", module=9) for at in (0, 11)]
    often = [row(at, execution_id=f"{at + 500:032x}", namespace="b", module=9) for at in range(12)]
    await store.append([*rare, *often])
    wanted = [replace(each, module=9) for each in WANTED]
    pages = await down(store, wanted, 5)
    ordered = sorted([*rare, *often], key=Position.of, reverse=True)
    assert keys(pages) == [each.execution_id for each in ordered]
    assert any(page.looked_to for page in pages)

    place, back = pages[-1], []
    while place.newer:
        place = await up(store, place.newer, wanted, 5)
        back.append(place)
    assert set(keys(back)) >= set(keys(pages[:-1]))


async def test_what_the_status_holds_beside_it_is_there_once(store: HistoryStore) -> None:
    # As of a history that began yesterday, and of one that has yet to hear of the newest.
    before, latest = row(-99, namespace="a"), started(99, namespace="a")
    ended = replace(NEWEST_FIRST[0], response="as the status has it")
    beside = [latest, ended, before]
    pages = await down(store, WANTED, beside=beside)
    expected = [latest, *NEWEST_FIRST, before]
    assert keys(pages) == [each.execution_id for each in expected]


async def test_an_end_is_not_undone_by_a_begin(store: HistoryStore) -> None:
    under_way = started(12, execution_id=f"{24:032x}", namespace="a")
    assert under_way.key == NEWEST_FIRST[0].key
    page = await find_page(store, WANTED, limit=10, before="", after="", beside=[under_way])
    assert page.rows[0].is_final


async def test_a_database_that_hangs_is_not_waited_for_as_long_as_it_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(HistoryAwayError, match="no answer within"):
        async with finding.patiently():
            await asyncio.Event().wait()


@pytest.mark.parametrize("cursor", ["nonsense", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxLCIwIl0="])
async def test_a_cursor_that_is_none_is_the_beginning(store: HistoryStore, cursor: str) -> None:
    for before, after in ((cursor, ""), ("", cursor)):
        page = await find_page(store, WANTED, limit=10, before=before, after=after)
        assert keys([page]) == [each.execution_id for each in NEWEST_FIRST[:10]]

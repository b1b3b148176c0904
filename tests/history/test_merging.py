"""The log of several tasks together: each is looked for by itself, and pages join."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crontask_core.enums import RunStatus
from crontask_history.filters import Page, Position, RunFilter
from crontask_history.row import RunRow, TaskKey
from crontask_history.sql import reading
from crontask_history.store import HistoryStore
from tests.history.rows import NOON, failed, row

ALL = RunFilter(namespace="shop", limit=10)
UID = row().uid
TASKS = tuple(TaskKey(name, UID) for name in ("a", "b", "c", "none"))


async def all_pages(
    store: HistoryStore, wanted: RunFilter, tasks: tuple[TaskKey, ...]
) -> list[Page]:
    """Return the pages up to the last."""
    pages = [await store.query_tasks(wanted, tasks)]
    while pages[-1].next is not None:
        assert len(pages) < 100
        pages.append(await store.query_tasks(replace(wanted, after=pages[-1].next), tasks))
    return pages


def keys(rows: list[RunRow]) -> list[str]:
    """Return by what the rows are told apart."""
    return [each.execution_id for each in sorted(rows, key=Position.of, reverse=True)]


@pytest.mark.parametrize("limit", [1, 3, 10, 100])
@pytest.mark.parametrize("tasks", [TASKS, TASKS[::-1]])
async def test_pages_hold_everything_once_newest_first(
    store: HistoryStore, limit: int, tasks: tuple[TaskKey, ...]
) -> None:
    # One runs often, one seldom, and one has not run for a while.
    rows = [row(at, name="a", execution_id=f"{at:032x}") for at in range(40, 80)]
    rows += [row(at, name="b", execution_id=f"{1000 + at:032x}") for at in range(0, 80, 20)]
    rows += [row(at, name="c", execution_id=f"{2000 + at:032x}") for at in range(5)]
    await store.append([*rows, row(99, name="d")])
    pages = await all_pages(store, replace(ALL, limit=limit), tasks)
    found = [each.execution_id for page in pages for each in page.rows]
    assert found == keys(rows)
    assert all(len(page.rows) <= limit for page in pages)


async def test_what_no_index_holds_is_sifted_out_of_each_task(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SIFTED", 10)
    rows = [row(at, name="ab"[at % 2], execution_id=f"{at:032x}") for at in range(70)]
    some = [failed(at, name="b", execution_id=f"{100 + at:032x}") for at in (3, 30, 60)]
    await store.append([*rows, *some])
    wanted = replace(ALL, statuses=(RunStatus.FAILED,))
    pages = await all_pages(store, wanted, TASKS)
    assert [each.execution_id for page in pages for each in page.rows] == keys(some)


async def test_a_begin_that_is_asked_for_holds_beside_that_of_a_full_page(
    store: HistoryStore,
) -> None:
    await store.append([row(at, name="ab"[at % 2]) for at in range(20)])
    wanted = replace(ALL, begin=NOON + timedelta(seconds=8), limit=3)
    pages = await all_pages(store, wanted, TASKS)
    found = [int(each.execution_id, 16) for page in pages for each in page.rows]
    assert found == list(range(19, 7, -1))


async def test_an_earlier_object_of_the_same_name_is_another_task(store: HistoryStore) -> None:
    rows = [row(at, name="a", uid=("earlier", UID)[at % 2]) for at in range(30)]
    await store.append(rows)
    pages = await all_pages(store, replace(ALL, limit=4), TASKS)
    found = [each.execution_id for page in pages for each in page.rows]
    assert found == keys(rows[1::2])

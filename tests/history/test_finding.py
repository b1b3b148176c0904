"""What is asked for is found, a page at a time, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.filters import Page, Position, RunFilter
from crontask_history.row import RunRow
from crontask_history.sql import reading, writing
from crontask_history.store import HistoryStore
from tests.history.rows import NOON, failed, row, started

ALL = RunFilter(namespace="shop", limit=1000)


async def all_pages(store: HistoryStore, wanted: RunFilter) -> list[Page]:
    """Return the pages up to the last."""
    pages = [await store.query(wanted)]
    while pages[-1].next is not None:
        pages.append(await store.query(replace(wanted, after=pages[-1].next)))
    return pages


def found(pages: list[Page]) -> list[RunRow]:
    """Return what is on `pages`."""
    return [each for page in pages for each in page.rows]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("wanted", [{}, {"name": "prices"}, {"module": 2}, {"text": "done"}])
async def test_pages_hold_everything_once_in_order(
    store: HistoryStore, wanted: dict[str, Any], newest_first: bool
) -> None:
    # Many begin at one instant, and runs have several attempts.
    rows = [row(at // 5, execution_id=f"{at:032x}", attempt=1 + at % 2) for at in range(53)]
    await store.append(rows)
    ordered = sorted(rows, key=Position.of, reverse=newest_first)
    pages = await all_pages(store, replace(ALL, limit=10, newest_first=newest_first, **wanted))
    assert [each.key for each in found(pages)] == [each.key for each in ordered]
    assert [len(page.rows) for page in pages] == [10, 10, 10, 10, 10, 3]


async def test_a_full_last_page_has_no_next(store: HistoryStore) -> None:
    await store.append([row(at) for at in range(3)])
    assert (await store.query(replace(ALL, limit=3))).next is None


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("reason", {"reason": None}),
        ("status", {"status": RunStatus.FAILED}),
        ("run_type", {"run_type": RunType.MANUAL}),
    ],
)
async def test_a_word_of_a_later_version_leaves_the_row_readable(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch, column: str, shown: dict[str, Any]
) -> None:
    kept = row(1)
    as_later = writing._run

    def later(one: RunRow) -> dict[str, Any]:
        return {**as_later(one), column: "Newer"}

    monkeypatch.setattr(writing, "_run", later)
    await store.append([kept])
    bare = replace(kept, body="", response="", **shown)
    assert (await store.query(ALL)).rows == [bare]
    assert await store.attempts_of([kept.run]) == [bare]
    assert await store.since(kept.shard, NOON) == [bare]


async def test_another_namespace_is_never_shown(store: HistoryStore) -> None:
    await store.append([row(1), row(2, namespace="other", uid="another")])
    assert [each.namespace for each in (await store.query(ALL)).rows] == ["shop"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "stock"},
        {"uid": "stock-uid"},
        {"execution_id": f"{60:032x}"},
        {"execution_id": f"{60:032x}", "uid": "stock-uid"},
        {"execution_id": f"{60:032x}", "uid": "stock-uid", "statuses": (RunStatus.FAILED,)},
        {"task_name": "stock of today"},
        {"module": 9},
        {"statuses": (RunStatus.FAILED,)},
        {"statuses": (RunStatus.FAILED, RunStatus.STARTED)},
        {"statuses": (RunStatus.FAILED,), "name": "stock"},
        {"run_types": (RunType.MANUAL,)},
        {"reasons": (Reason.TIMEOUT,)},
        {"code": 504},
        {"text": "OVERLOADED"},
        {"text": "50% of_it"},
        {"text": "no answer within"},
        {"begin": NOON + timedelta(seconds=50)},
        {"begin": NOON + timedelta(seconds=50), "end": NOON + timedelta(seconds=61)},
    ],
)
async def test_a_filter_lets_one_row_pass(store: HistoryStore, wanted: dict[str, Any]) -> None:
    one = failed(
        60,
        name="stock",
        uid="stock-uid",
        task_name="stock of today",
        module=9,
        run_type=RunType.MANUAL,
        reason=Reason.TIMEOUT,
        code=504,
        body="50% of_it",
        response="we are Overloaded",
        error="no answer within 30 s",
    )
    others = [row(at, body="500 of it") for at in range(20)]
    await store.append([*others, one])
    for newest_first in (True, False):
        page = await store.query(replace(ALL, newest_first=newest_first, **wanted))
        assert [each.key for each in page.rows] == [one.key]
        assert page.next is None


@pytest.mark.parametrize("text", ["\0", "half \ud83d of a pair"])
async def test_any_text_can_be_asked_for(store: HistoryStore, text: str) -> None:
    await store.append([row(1), row(2, response=text, task_name=text)])
    for wanted in (replace(ALL, text=text), replace(ALL, task_name=text)):
        assert len((await store.query(wanted)).rows) == 1
    assert (await store.query(replace(ALL, namespace=text, name=text, uid=text))).rows == []


@pytest.mark.parametrize("year", [1, 9999])
async def test_any_moment_can_be_asked_for(store: HistoryStore, year: int) -> None:
    await store.append([row(1)])
    end_of_time = datetime(year, 1, 1, tzinfo=UTC)
    place = Position(end_of_time, 0, "0")
    for newest_first in (True, False):
        in_order = replace(ALL, newest_first=newest_first)
        found = [
            len((await store.query(wanted)).rows)
            for wanted in (
                replace(in_order, begin=end_of_time),
                replace(in_order, end=end_of_time),
                replace(in_order, after=place),
            )
        ]
        is_end = year == 9999
        assert found == [not is_end, is_end, newest_first is is_end]


async def test_what_has_not_ended_has_no_reason_and_no_code(store: HistoryStore) -> None:
    await store.append([started(1)])
    assert (await store.query(replace(ALL, reasons=(Reason.OK,)))).rows == []
    assert (await store.query(replace(ALL, code=200))).rows == []


@pytest.mark.parametrize("wanted", [{"module": 9}, {"text": "needle"}])
async def test_a_question_looks_at_a_bounded_number_of_rows(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any]
) -> None:
    monkeypatch.setattr(reading, "SIFTED", 10)
    monkeypatch.setattr(reading, "SEARCHED", 10)
    needle = row(0, module=9, response="a needle")
    await store.append([needle, *(row(at) for at in range(1, 35))])
    pages = await all_pages(store, replace(ALL, **wanted))
    assert [len(page.rows) for page in pages] == [0, 0, 0, 1]
    assert found(pages)[0].key == needle.key


async def test_a_row_that_fits_where_the_look_ends_is_found_once(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SIFTED", 10)
    await store.append([row(at, module=9 if at % 5 == 0 else 2) for at in range(40)])
    for limit in (1, 2, 3, 100):
        pages = await all_pages(store, replace(ALL, module=9, limit=limit))
        assert len(found(pages)) == len({each.key for each in found(pages)}) == 8


async def test_since_tells_what_has_ended_in_a_shard(store: HistoryStore) -> None:
    await store.append([row(at, shard=at % 2) for at in range(10)])
    await store.append([started(20, shard=1), failed(21, shard=1)])
    made = await store.since(1, NOON + timedelta(seconds=5))
    assert [int(each.execution_id, 16) for each in made] == [5, 7, 9, 21]


async def test_since_is_bounded_to_the_newest(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SINCE", 3)
    await store.append([row(at) for at in range(10)])
    made = await store.since(3, NOON)
    assert [int(each.execution_id, 16) for each in made] == [7, 8, 9]


@pytest.mark.parametrize("limit", [1, 4, 5, 6, 19, 20, 21])
async def test_a_page_goes_back_over_as_many_days_as_it_takes(
    store: HistoryStore, limit: int
) -> None:
    # Five in a day, the first of them right now, as a clock that is ahead may write it.
    newest = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    moments = [newest - timedelta(hours=5 * back) for back in range(20)]
    await store.append(
        [row(back, scheduled_time=moment, begin_time=moment) for back, moment in enumerate(moments)]
    )
    for wanted in (
        RunFilter(namespace="shop", limit=limit),
        RunFilter(namespace="shop", limit=limit, end=newest + timedelta(days=3)),
        RunFilter(namespace="shop", limit=limit, begin=moments[-1]),
    ):
        page = await store.query(wanted)
        assert [each.begin_time for each in page.rows] == moments[:limit]
        assert (page.next is None) is (limit >= 20)

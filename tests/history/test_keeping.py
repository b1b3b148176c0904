"""What is appended is found again, once for each attempt."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from crontask_core.enums import RunStatus
from crontask_history.errors import RowsRefusedError, SchemaError
from crontask_history.filters import RunFilter
from crontask_history.row import LATE_DAYS, day_of
from crontask_history.store import HistoryStore
from crontask_history.url import HistoryUrl
from tests.history.conftest import Opening
from tests.history.rows import NOON, failed, row, started

ALL = RunFilter(namespace="shop", texts=True)


async def test_a_row_is_found_as_it_was_appended(store: HistoryStore) -> None:
    kept = failed(7, attempt=2)
    await store.append([kept])
    page = await store.query(ALL)
    assert page.rows == [replace(kept, summary=kept.error)]
    assert page.next is None


async def test_lists_hold_no_texts_but_the_begin_of_the_error(store: HistoryStore) -> None:
    await store.append([failed(error="x" * 5000)])
    (found,) = (await store.query(replace(ALL, texts=False))).rows
    assert (found.body, found.response, found.error) == ("", "", "")
    assert found.summary == "x" * 200


async def test_an_attempt_that_is_made_again_replaces_its_row_and_its_texts(
    store: HistoryStore,
) -> None:
    await store.append([failed(1, replica="operator-0")])
    again = row(1, replica="operator-1", response="done at last", begin_time=NOON)
    await store.append([again])
    assert (await store.query(ALL)).rows == [again]


async def test_an_attempt_made_again_after_midnight_replaces_its_row(store: HistoryStore) -> None:
    late = timedelta(hours=12)
    await store.append([failed(-1)])
    again = row(-1, begin_time=NOON + late, end_time=NOON + late)
    await store.append([again])
    assert (await store.query(ALL)).rows == [again]


async def test_what_has_ended_is_not_replaced_by_its_begin(store: HistoryStore) -> None:
    ended = row(1, response="done")
    await store.append([ended])
    await store.append([started(1, body="another")])
    assert (await store.query(ALL)).rows == [ended]


async def test_begin_and_end_may_come_in_one_batch_in_any_order(store: HistoryStore) -> None:
    await store.append([started(1), row(1), started(1), started(2)])
    found = (await store.query(ALL)).rows
    assert [each.status for each in found] == [RunStatus.STARTED, RunStatus.SUCCEEDED]
    assert found[0].body == started(2).body


@pytest.mark.parametrize("text", ["\0begin", "a\0b\0", "half \ud83d of a pair", "\U0001f600 定时"])
async def test_any_answer_of_a_target_is_kept(store: HistoryStore, text: str) -> None:
    await store.append([failed(response=text, error=text, body=text, url=text, task_name=text)])
    (found,) = (await store.query(ALL)).rows
    readable = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    assert found.response == found.error == found.url == found.task_name == readable


async def test_nothing_is_kept_of_a_batch_with_a_row_that_is_refused(store: HistoryStore) -> None:
    with pytest.raises(RowsRefusedError):
        await store.append([row(1), row(2, code=2**70), row(3)])
    assert (await store.query(ALL)).rows == []


async def test_rows_of_any_moment_are_kept_with_few_days(store: HistoryStore) -> None:
    long_ago = NOON - timedelta(days=9000)
    await store.append([row(1, scheduled_time=long_ago), row(2, scheduled_time=NOON)])
    found = (await store.query(ALL)).rows
    assert [each.scheduled_time for each in found] == [NOON, long_ago]
    assert {each.day for each in found} == {NOON.date()}


def test_the_day_is_that_of_the_due_moment_unless_the_run_is_late_by_days() -> None:
    for hours in range(0, 24 * 6, 5):
        begin = NOON + timedelta(hours=hours)
        late = hours > 24 * LATE_DAYS
        assert day_of(NOON, begin) == (begin if late else NOON).date()


async def test_the_tables_are_made_once_by_all_who_ask(url: HistoryUrl, opened: Opening) -> None:
    stores = [opened(url) for _ in range(4)]
    await asyncio.gather(*(store.prepare() for store in stores))
    await asyncio.gather(*(store.append([row(at)]) for at, store in enumerate(stores)))
    assert len((await stores[0].query(ALL)).rows) == len(stores)


async def test_before_the_tables_are_made_that_is_what_is_told(
    url: HistoryUrl, opened: Opening
) -> None:
    store = opened(url)
    with pytest.raises(SchemaError, match="not there yet"):
        await store.append([row()])
    with pytest.raises(SchemaError, match="not there yet"):
        await store.query(ALL)

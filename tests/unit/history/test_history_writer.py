"""Rows leave in batches, beside firing; whatever the database does, nothing else waits."""

import asyncio
import logging

import pytest

from crontask_history.store import Retention
from crontask_operator.history.history_writer import (
    BATCH_ROWS,
    FLUSH_SECONDS,
    LAST_BACKOFF_SECONDS,
    UPKEEP_SECONDS,
)
from crontask_operator.history.waiting_rows import WaitingRows
from crontask_operator.process.metrics import REGISTRY
from tests.history.rows import row
from tests.unit.history.memory import MemoryHistory
from tests.unit.history.writing import writing

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


def dropped(reason: str) -> float:
    """Return how many rows were dropped for `reason`."""
    name = "crontask_history_rows_dropped_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0.0


async def test_rows_of_a_moment_leave_together() -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        for number in range(20):
            writer.put(row(number))
            await asyncio.sleep(0.001)
        await writer.flush()
    assert store.batches == [20]


async def test_a_full_batch_leaves_at_once() -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        for number in range(5 * BATCH_ROWS):
            writer.put(row(number))
        await asyncio.sleep(0.049)
        assert store.batches == [BATCH_ROWS] * 5
    assert len(store.rows) == 5 * BATCH_ROWS


async def test_the_tables_are_made_before_the_first_row() -> None:
    store = MemoryHistory()
    store.be_away()
    async with writing(store) as writer:
        writer.put(row())
        await asyncio.sleep(20)
        assert (store.prepared, store.batches) == (0, [])
        store.fault = None
        await asyncio.sleep(2 * LAST_BACKOFF_SECONDS)
    assert (store.prepared, store.batches) == (1, [1])


async def test_rows_wait_for_what_is_due_but_not_for_ever() -> None:
    store = MemoryHistory()
    async with writing(store, caught_up=asyncio.get_running_loop().create_future) as writer:
        writer.put(row())
        await asyncio.sleep(1.9)
        assert store.batches == []
        await asyncio.sleep(0.3)
        assert store.batches == [1]


async def test_while_the_database_is_away_rows_wait_and_none_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        away = writer.gauges["crontask_history_away_seconds"][1]
        await asyncio.sleep(0.1)
        store.be_away()
        for number in range(1200):
            writer.put(row(number))
        await asyncio.sleep(60)
        assert (len(writer), store.rows) == (1200, {})
        assert away() > 50
        store.fault = None
        await asyncio.sleep(2 * LAST_BACKOFF_SECONDS)
        assert (len(writer), len(store.rows), away()) == (0, 1200, 0)
    told = [each.message for each in caplog.records if each.levelno >= logging.WARNING]
    assert [line.partition(",")[0] for line in told] == [
        "Rows of the history wait",
        "The history takes rows again",
    ]


async def test_what_does_not_fit_while_it_is_away_is_counted() -> None:
    store = MemoryHistory()
    before = dropped("full")
    async with writing(store, waiting=WaitingRows(most_rows=10)) as writer:
        await asyncio.sleep(0.1)
        store.be_away()
        writer.put(row(0))
        await asyncio.sleep(1)
        for number in range(1, 9):
            writer.put(row(number))
    assert dropped("full") - before == 3


async def test_a_row_that_is_refused_takes_no_other_with_it() -> None:
    store = MemoryHistory()
    store.refused = {"bad"}
    before = dropped("refused")
    async with writing(store) as writer:
        for number in range(100):
            writer.put(row(number, name="bad" if number in (0, 41, 99) else "good"))
        await writer.flush()
        assert len(writer) == 0
    assert len(store.rows) == 97
    assert dropped("refused") - before == 3


async def test_a_fault_nobody_foresaw_only_delays(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        await asyncio.sleep(0.1)
        store.fault = ZeroDivisionError("a fault of ours")
        writer.put(row())
        await asyncio.sleep(1)
        store.fault = None
        await asyncio.sleep(10)
    assert store.batches == [1]
    assert "failed within the operator" in caplog.text


async def test_the_end_waits_for_the_last_rows() -> None:
    store = MemoryHistory()
    store.seconds = 1.0
    async with writing(store) as writer:
        for number in range(3 * BATCH_ROWS):
            writer.put(row(number))
        await writer.flush()
        assert len(store.rows) == 3 * BATCH_ROWS


async def test_the_end_does_not_wait_for_a_database_that_hangs() -> None:
    store = MemoryHistory()
    before = dropped("stopped")
    async with writing(store) as writer:
        await asyncio.sleep(0.1)
        store.seconds = 3600.0
        writer.put(row())
        begin = asyncio.get_running_loop().time()
        await writer.flush()
        assert asyncio.get_running_loop().time() - begin == pytest.approx(FLUSH_SECONDS)
    assert dropped("stopped") - before == 1


async def test_the_end_does_not_wait_at_all_for_one_that_is_known_to_be_away() -> None:
    store = MemoryHistory()
    store.be_away()
    async with writing(store) as writer:
        writer.put(row())
        await asyncio.sleep(1)
        begin = asyncio.get_running_loop().time()
        await writer.flush()
        assert asyncio.get_running_loop().time() == begin


async def test_upkeep_goes_on_whatever_happens() -> None:
    store = MemoryHistory()
    store.be_away()
    async with writing(store) as writer:
        upkeep = asyncio.create_task(writer.keep_up())
        await asyncio.sleep(100)
        store.fault = ZeroDivisionError("a fault of ours")
        await asyncio.sleep(100)
        store.fault = None
        await asyncio.sleep(2 * UPKEEP_SECONDS)
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
    assert 2 <= len(store.pruned) <= 3
    assert store.pruned[0] == Retention(days=3)


async def test_it_is_told_that_the_database_was_away() -> None:
    store, told = MemoryHistory(), list[float]()
    async with writing(store, on_back=told.append) as writer:
        writer.put(row(0))
        await writer.flush()
        store.be_away()
        writer.put(row(1))
        await asyncio.sleep(30)
        assert told == []
        store.fault = None
        await asyncio.sleep(LAST_BACKOFF_SECONDS * 1.2)
    (seconds,) = told
    assert 30 <= seconds <= 40


async def test_a_database_that_comes_after_the_operator_was_not_away() -> None:
    store, told = MemoryHistory(), list[float]()
    store.be_away()
    async with writing(store, on_back=told.append) as writer:
        await asyncio.sleep(30)
        store.fault = None
        await asyncio.sleep(LAST_BACKOFF_SECONDS * 1.2)
        assert writer.keeps_up
    assert told == []

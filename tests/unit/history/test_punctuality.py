"""It is known, and not a matter of the moment, whether rows are in the database soon."""

import asyncio

import pytest

from crontask_operator.history.history_writer import BATCH_ROWS, LAST_BACKOFF_SECONDS, HistoryWriter
from crontask_operator.history.punctuality import SLOW_SECONDS
from tests.history.rows import row
from tests.unit.history.memory import MemoryHistory
from tests.unit.history.writing import writing

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_rows_leave_as_fast_as_they_come_though_something_is_always_due() -> None:
    store = MemoryHistory()
    async with writing(store, caught_up=asyncio.get_running_loop().create_future) as writer:
        for second in range(20):
            for number in range(2000):
                writer.put(row(2000 * second + number))
            await asyncio.sleep(1)
            assert writer.keeps_up
        # Those of a hold, and those of a moment.
        assert len(writer) <= 3 * 2000
        assert len(store.rows) + len(writer) == 40_000


async def test_it_keeps_up_until_a_row_waits_for_the_database() -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        # It is not known yet whether there are tables.
        assert not writer.keeps_up
        writer.put(row(0))
        await writer.flush()
        await asyncio.sleep(60)
        assert writer.keeps_up
        store.seconds = 1000
        writer.put(row(1))
        await asyncio.sleep(SLOW_SECONDS - 0.1)
        assert writer.keeps_up
        await asyncio.sleep(0.2)
        assert not writer.keeps_up


async def test_one_that_is_away_does_not_keep_up() -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        writer.put(row(0))
        await writer.flush()
        store.be_away()
        writer.put(row(1))
        await asyncio.sleep(0.1)
        assert not writer.keeps_up
        store.fault = None
        await asyncio.sleep(LAST_BACKOFF_SECONDS)
        assert writer.keeps_up


async def test_rows_that_make_room_for_what_is_due_are_no_sign_of_trouble() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    store = MemoryHistory()
    async with writing(store, lambda: asyncio.ensure_future(never())) as writer:
        await asyncio.sleep(1)
        for number in range(2 * BATCH_ROWS):
            writer.put(row(number))
        for _ in range(60):
            await asyncio.sleep(0.1)
            assert writer.keeps_up
    assert len(store.rows) == 2 * BATCH_ROWS


async def put_steadily(writer: HistoryWriter, seconds: int, each_second: int) -> list[bool]:
    """Put rows for so long; return what the writer said of itself meanwhile."""
    said = []
    for _ in range(10 * seconds):
        for _ in range(each_second // 10):
            writer.put(row())
        await asyncio.sleep(0.1)
        said.append(writer.keeps_up)
    return said


async def test_rows_that_pile_up_are_no_trouble_while_they_are_younger_than_a_status() -> None:
    store = MemoryHistory()
    store.seconds = 1.0
    async with writing(store) as writer:
        # Half of them leave, so the first that waits is four seconds old.
        await asyncio.sleep(1.1)
        assert all(await put_steadily(writer, 8, 2 * BATCH_ROWS))


async def test_one_that_is_behind_has_to_catch_up_before_it_keeps_up() -> None:
    store = MemoryHistory()
    store.seconds = 1.0
    async with writing(store) as writer:
        await asyncio.sleep(1.1)
        said = await put_steadily(writer, 13, 2 * BATCH_ROWS)
        assert said.index(False) >= 90
        assert not any(said[said.index(False) :])
        # Twice as many leave as come.
        while not writer.keeps_up:
            assert len(writer) > 0
            await put_steadily(writer, 1, BATCH_ROWS // 2)
        assert len(writer) <= 2 * BATCH_ROWS
        assert all(await put_steadily(writer, 5, BATCH_ROWS // 2))


async def test_a_database_that_is_slow_does_not_keep_up_between_two_batches() -> None:
    store = MemoryHistory()
    async with writing(store) as writer:
        await asyncio.sleep(1)
        store.seconds = SLOW_SECONDS + 1
        said = await put_steadily(writer, 30, 10)
        assert said.index(False) == pytest.approx(10 * SLOW_SECONDS, abs=2)
        assert not any(said[said.index(False) :])
        store.seconds = 0.1
        said = await put_steadily(writer, 10, 10)
        assert all(said[50:])

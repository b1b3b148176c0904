"""A database without room: rows wait, none is lost, and they are written when there is room."""

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import event, text

from crontask_history.sql.sql_history import SqlHistory
from tests.history.rows import row
from tests.history.test_faults import SECONDS, check_all, is_away, put_all, writing
from tests.support.postgres import Postgres, run_postgres
from tests.support.wait import eventually

FEW_PAGES = 100
"""Of 4 KiB: room for some hundred rows."""

FULL_BYTES = 16 * 1024 * 1024
"""Of one file: as much as PostgreSQL itself needs for its log of changes."""

LONG = Random(1).randbytes(4000).hex()  # noqa: S311 - no secret
"""An answer that cannot be made shorter, of which two thousand are beyond that."""


async def test_rows_wait_for_room_in_sqlite_and_none_is_lost(sqlite_url: str) -> None:
    async with writing(sqlite_url) as (writer, store):
        assert isinstance(store, SqlHistory)
        room = f"PRAGMA max_page_count={FEW_PAGES}"
        event.listen(store._engine.sync_engine, "connect", lambda driver, _: driver.execute(room))
        await put_all(writer)
        await eventually(is_away(writer), timeout=SECONDS)
        waiting = len(writer)
        assert waiting > 0
        # Nothing of a batch that did not fit is there.
        async with store._engine.connect() as connection:
            kept = (await connection.execute(text("SELECT count(*) FROM runs"))).scalar_one()
        assert kept + waiting == 3000
        assert kept > 0
        room = "PRAGMA max_page_count=1000000"
        await store._engine.dispose()
        await check_all(writer, store)


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of the test's own."""
    with run_postgres() as running:
        yield running


async def test_rows_wait_for_room_in_postgresql_and_none_is_lost(server: Postgres) -> None:
    async with writing(server.url(server.new_database())) as (writer, store):
        writer.put(row(0))
        await eventually(lambda: len(writer) == 0, timeout=SECONDS)
        assert isinstance(store, SqlHistory)
        server.bound_files(FULL_BYTES)
        await put_all(writer, response=LONG)
        await eventually(is_away(writer), timeout=SECONDS)
        waiting = len(writer)
        assert waiting > 0
        # It still answers who reads, and nothing of a batch that did not fit is there.
        async with store._engine.connect() as connection:
            kept = (await connection.execute(text("SELECT count(*) FROM runs"))).scalar_one()
        assert kept + waiting == 3000
        server.bound_files(None)
        await check_all(writer, store)

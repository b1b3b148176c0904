"""A real PostgreSQL that hangs, dies, refuses: rows wait, and none is lost or there twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from crontask_history.errors import HistoryAwayError
from crontask_history.filters import Page, RunFilter
from crontask_history.opening import open_history
from crontask_history.sql import sql_history
from crontask_history.store import HistoryStore, Retention
from crontask_history.url import parse_history_url
from crontask_operator.history.history_writer import HistoryWriter
from tests.history.rows import NOON, row
from tests.support.postgres import PASSWORD, USER, Postgres, run_postgres
from tests.support.wait import eventually

ROWS = 3000
SECONDS = 90.0
"""Longest wait for what normally takes one."""


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of the test's own, which keeps what it has said that it has."""
    with run_postgres({}) as running:
        yield running


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    # What hangs is given up after a second, not ten, and while tables are made not 60.
    monkeypatch.setattr(sql_history, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(sql_history, "PREPARE_SECONDS", 5.0)


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[tuple[HistoryWriter, HistoryStore]]:
    """Run a writer for the block, with the store that it writes to."""

    async def at_once() -> None:
        return

    store = open_history(parse_history_url(url), connections=2)
    writer = HistoryWriter(store, Retention(), at_once, lambda: NOON)
    running = asyncio.create_task(writer.run())
    try:
        yield writer, store
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()


async def put_all(
    writer: HistoryWriter, numbers: range = range(ROWS), *, response: str = "done"
) -> None:
    """Have rows with these numbers written, over half a second at most."""
    for number in numbers:
        writer.put(row(number, response=response))
        if number % 60 == 0:
            await asyncio.sleep(0.01)


async def asked(store: HistoryStore, wanted: RunFilter) -> Page | None:
    """Return a page, or None while a database that has just come back is too slow."""
    try:
        return await store.query(wanted)
    except HistoryAwayError:
        return None


async def check_all(writer: HistoryWriter, store: HistoryStore) -> None:
    """Check that every row gets there, and is there once."""
    await eventually(lambda: len(writer) == 0, timeout=SECONDS)
    wanted = RunFilter(namespace="shop", limit=1000)
    found: list[str] = []
    while True:
        page = await eventually(partial(asked, store, wanted), timeout=SECONDS)
        assert page is not None
        found += [each.execution_id for each in page.rows]
        if page.next is None:
            break
        wanted = replace(wanted, after=page.next)
    assert sorted(found) == [f"{number:032x}" for number in range(ROWS)]


def is_away(writer: HistoryWriter) -> Callable[[], bool]:
    """Return what tells whether the writer knows that the database is away."""
    return lambda: writer.gauges["crontask_history_away_seconds"][1]() > 0


async def test_a_server_that_hangs(server: Postgres) -> None:
    async with writing(server.url(server.new_database())) as (writer, store):
        putting = asyncio.create_task(put_all(writer))
        await eventually(lambda: len(writer) > 0, timeout=SECONDS)
        server.pause()
        await putting
        await eventually(is_away(writer), timeout=SECONDS)
        assert len(writer) > 0
        server.resume()
        await check_all(writer, store)


async def test_a_server_that_hangs_does_not_hold_up_the_end(server: Postgres) -> None:
    store = open_history(parse_history_url(server.url(server.new_database())), connections=2)
    await store.prepare()
    await store.query(RunFilter(namespace="shop"))
    server.pause()
    try:
        async with asyncio.timeout(SECONDS):
            await store.close()
    finally:
        server.resume()


@pytest.mark.parametrize("end", [Postgres.kill, Postgres.stop], ids=["killed", "told to end"])
async def test_a_server_that_ends_in_the_middle_of_a_batch(
    server: Postgres, end: Callable[[Postgres], None]
) -> None:
    async with writing(server.url(server.new_database())) as (writer, store):
        for numbers in (range(ROWS // 2), range(ROWS // 2, ROWS)):
            putting = asyncio.create_task(put_all(writer, numbers))
            await eventually(lambda: len(writer) > 0, timeout=SECONDS)
            await asyncio.to_thread(end, server)
            await putting
            await eventually(is_away(writer), timeout=SECONDS)
            await asyncio.to_thread(server.start)
        await check_all(writer, store)


async def test_a_server_that_is_not_there_yet(server: Postgres) -> None:
    database = server.new_database()
    server.stop()
    async with writing(server.url(database)) as (writer, store):
        await put_all(writer)
        await eventually(is_away(writer), timeout=SECONDS)
        await asyncio.to_thread(server.start)
        await check_all(writer, store)


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (
            f"ALTER ROLE {USER} SET default_transaction_read_only = on",
            f"ALTER ROLE {USER} RESET default_transaction_read_only",
        ),
        (f"ALTER ROLE {USER} PASSWORD 'another'", f"ALTER ROLE {USER} PASSWORD '{PASSWORD}'"),
        (f"ALTER ROLE {USER} CONNECTION LIMIT 0", f"ALTER ROLE {USER} CONNECTION LIMIT -1"),
        ("ALTER TABLE runs RENAME TO others", "ALTER TABLE others RENAME TO runs"),
    ],
    ids=["read-only", "a new password", "connections used up", "tables that are gone"],
)
async def test_a_server_that_refuses(server: Postgres, fault: str, cure: str) -> None:
    database = server.new_database()
    async with writing(server.url(database)) as (writer, store):
        writer.put(row(0))
        await eventually(lambda: len(writer) == 0, timeout=SECONDS)
        await change(server, database, fault)
        await put_all(writer)
        await eventually(is_away(writer), timeout=SECONDS)
        await change(server, database, cure)
        await check_all(writer, store)


async def test_tables_that_vanish_are_made_again(server: Postgres) -> None:
    database = server.new_database()
    async with writing(server.url(database)) as (writer, store):
        writer.put(row(0))
        await eventually(lambda: len(writer) == 0, timeout=SECONDS)
        await change(server, database, "DROP TABLE runs, run_texts, history_version CASCADE")
        await put_all(writer)
        await check_all(writer, store)


async def change(server: Postgres, database: str, statement: str) -> None:
    """Execute `statement`, and end the sessions for which it would not hold."""
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> user"
    await asyncio.to_thread(server.execute, f"{statement}; {ending}", database)

"""Fixtures: a store on each kind of database, with tables of the test's own."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from crontask_history.opening import open_history
from crontask_history.store import HistoryStore
from crontask_history.url import HistoryUrl, parse_history_url
from tests.support.postgres import Postgres, run_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, one for all tests of a session that do not break it."""
    with run_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """A database of the test's own."""
    return postgres.url(postgres.new_database())


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file of the test's own."""
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.fixture(params=["postgres", "sqlite"])
def url(request: pytest.FixtureRequest) -> HistoryUrl:
    """Where a history of the test's own is to be, once on each kind of database."""
    text: str = request.getfixturevalue(f"{request.param}_url")
    return parse_history_url(text)


Opening = Callable[..., HistoryStore]


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Opening]:
    """Opens stores that are closed after the test."""
    stores: list[HistoryStore] = []

    def open_one(url: HistoryUrl, *, reads_only: bool = False) -> HistoryStore:
        stores.append(open_history(url, connections=2, reads_only=reads_only))
        return stores[-1]

    yield open_one
    for store in stores:
        await store.close()


@pytest_asyncio.fixture
async def store(url: HistoryUrl, opened: Opening) -> HistoryStore:
    """An empty history with its tables."""
    store = opened(url)
    await store.prepare()
    return store

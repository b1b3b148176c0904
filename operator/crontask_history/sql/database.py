"""open_database makes the pool of connections to the database of the history."""

import asyncio
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakSet

import asyncpg
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from crontask_history.errors import HistoryAwayError, HistoryUrlError
from crontask_history.url import HistoryUrl

CONNECT_SECONDS: Final = 5.0
"""Longest time for a connection."""

CLOSE_SECONDS: Final = 3.0
"""Longest time for the connections to be ended in order."""

BUSY_MILLISECONDS: Final = 5_000
"""How long SQLite waits for another writer, another process perhaps, to end."""

BEGIN: Final = "crontask_begin"
"""Option of a connection to SQLite: how its transactions begin. A writer takes the lock at
once: one that first reads could not wait for it without giving up what it has read."""


def open_database(url: HistoryUrl, *, connections: int, reads_only: bool) -> AsyncEngine:
    """Return the pool; the first connection is made when it is needed."""
    options: dict[str, Any] = {
        "poolclass": AsyncAdaptedQueuePool,
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": CONNECT_SECONDS,
        # One that broke while nobody used it is found before it is used.
        "pool_pre_ping": True,
        # Errors would repeat rows.
        "hide_parameters": True,
    }
    if url.path:
        return _sqlite(url.path, options, reads_only=reads_only)
    return _postgresql(url, options, reads_only=reads_only)


async def close_database(engine: AsyncEngine, connections: WeakSet[asyncpg.Connection]) -> None:
    """End the connections, by a cut if the database does not answer to their end.

    The driver would wait without a bound for a server that hangs, and the program with it.
    """
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await engine.dispose()
    except TimeoutError:
        for connection in list(connections):
            connection.terminate()


def connections_of(engine: AsyncEngine) -> WeakSet[asyncpg.Connection]:
    """Return a set that always holds the connections to PostgreSQL that `engine` has made."""
    made: WeakSet[asyncpg.Connection] = WeakSet()

    def take_note(connection: Any, _: object) -> None:
        if isinstance(connection.driver_connection, asyncpg.Connection):
            made.add(connection.driver_connection)

    event.listen(engine.sync_engine, "connect", take_note)
    return made


def _postgresql(url: HistoryUrl, options: dict[str, Any], *, reads_only: bool) -> AsyncEngine:
    settings = {"application_name": "crontask", "timezone": "UTC"}
    if reads_only:
        settings["default_transaction_read_only"] = "on"

    async def connect() -> asyncpg.Connection:
        try:
            # Each time: the password may have changed, and its file with it.
            current = url.as_of_now()
        except HistoryUrlError as error:
            raise HistoryAwayError(f"its URL cannot be used any more: {error}") from None
        # asyncpg reads the URL itself: SQLAlchemy would not know libpq's parameters.
        return await asyncpg.connect(
            current.dsn,
            timeout=CONNECT_SECONDS,
            statement_cache_size=current.statement_cache,
            server_settings=settings,
        )

    return create_async_engine("postgresql+asyncpg://", async_creator=connect, **options)


def _sqlite(path: str, options: dict[str, Any], *, reads_only: bool) -> AsyncEngine:
    # Who only reads must not make an empty file where the other program has yet to make one.
    mode = "rw" if reads_only else "rwc"
    query = {"mode": mode, "uri": "true"}
    address = URL.create("sqlite+aiosqlite", database=f"file:{quote(path)}", query=query)
    engine = create_async_engine(address, **options)

    def configure(connection: Any, _: object) -> None:
        # The driver would else begin transactions by itself, and not before all statements.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        if reads_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            # Only before the first table is made does it take effect.
            cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    def begin(connection: Any) -> None:
        how = connection.get_execution_options().get(BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")

    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin)
    return engine

"""What is to be kept no longer goes: whole days at once in PostgreSQL, a few rows at a time
in SQLite."""

from datetime import date
from pathlib import Path

import asyncpg
import pytest

from crontask_history.errors import HistoryAwayError
from crontask_history.filters import RunFilter
from crontask_history.sql import retention
from crontask_history.sql.migrate import LOCK
from crontask_history.sql.retention import days_over
from crontask_history.store import HistoryStore, Retention
from crontask_history.url import parse_history_url
from tests.history.conftest import Opening
from tests.history.rows import NOON, row
from tests.support.postgres import Postgres

ALL = RunFilter(namespace="shop", limit=1000, texts=True)


async def days_found(store: HistoryStore) -> list[int]:
    """Return how many days before today the rows are that are left, newest first."""
    rows = (await store.query(ALL)).rows
    assert all(each.body for each in rows)
    return [(NOON.date() - each.day).days for each in rows]


async def test_days_go_when_they_are_over(store: HistoryStore) -> None:
    await store.append([row(-86_400 * ago) for ago in range(6)])
    assert await store.prune(Retention(days=3), NOON) == 2
    assert await days_found(store) == [0, 1, 2, 3]
    assert await store.prune(Retention(days=3), NOON) == 0


async def test_without_bounds_everything_stays(store: HistoryStore) -> None:
    await store.append([row(-86_400 * ago) for ago in range(6)])
    assert await store.prune(Retention(days=0, rows=0), NOON) == 0
    assert await days_found(store) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("rows", "over"),
    [(0, []), (1, [5, 6]), (9, [5, 6]), (10, [5, 6]), (11, [5]), (20, [5]), (21, [])],
)
def test_of_a_number_of_rows_whole_days_go_and_never_today(rows: int, over: list[int]) -> None:
    days = [date(2026, 3, day) for day in (5, 6, 7)]
    found = days_over(dict.fromkeys(days, 10), Retention(days=0, rows=rows), today=days[-1])
    assert found == [date(2026, 3, day) for day in over]


async def test_sqlite_keeps_the_newest_rows(sqlite_url: str, opened: Opening) -> None:
    store = opened(parse_history_url(sqlite_url))
    await store.prepare()
    for at in range(10):
        await store.append([row(at)])
    assert await store.prune(Retention(days=0, rows=4), NOON) == 6
    left = (await store.query(ALL)).rows
    assert [int(each.execution_id, 16) for each in left] == [9, 8, 7, 6]
    assert all(each.body for each in left)


async def test_sqlite_gives_the_room_back_to_the_disk(
    sqlite_url: str, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_PAGES", 50)
    url = parse_history_url(sqlite_url)
    store = opened(url)
    await store.prepare()
    for _ in range(3):
        await store.append([row(at - 86_400 * 9, response="x" * 4000) for at in range(500)])
    await store.close()
    before = size_of(url.path)
    store = opened(url)
    assert await store.prune(Retention(days=3), NOON) == 500
    await store.close()
    # The last connection to be closed writes the journal into the file.
    assert size_of(url.path) < before / 5


async def test_sqlite_deletes_a_few_at_a_time(
    sqlite_url: str, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_ROWS", 7)
    store = opened(parse_history_url(sqlite_url))
    await store.prepare()
    await store.append([row(at - 86_400 * 9) for at in range(20)])
    assert await store.prune(Retention(days=3), NOON) == 20


async def test_postgresql_drops_tables_and_makes_those_to_come(
    postgres_url: str, postgres: Postgres, opened: Opening
) -> None:
    store = opened(parse_history_url(postgres_url))
    await store.prepare()
    await store.append([row(-86_400 * 9)])
    database = postgres_url.rpartition("/")[2]
    assert tables(postgres, database) == {"20260301"}
    await store.prune(Retention(days=3), NOON)
    assert tables(postgres, database) == {"20260310", "20260311", "20260312", "20260313"}


async def test_a_day_that_was_dropped_by_another_replica_is_made_again(
    postgres_url: str, opened: Opening
) -> None:
    one, other = (opened(parse_history_url(postgres_url)) for _ in range(2))
    await one.prepare()
    late = row(-86_400 * 9)
    await one.append([late])
    await other.prune(Retention(days=3), NOON)
    with pytest.raises(HistoryAwayError):
        await one.append([late])
    await one.append([late])
    assert (await one.query(ALL)).rows == [late]


async def test_while_one_changes_the_tables_another_leaves_them(
    postgres_url: str, opened: Opening
) -> None:
    store = opened(parse_history_url(postgres_url))
    await store.prepare()
    await store.append([row(-86_400 * 9)])
    holder = await asyncpg.connect(postgres_url)
    await holder.execute(f"SELECT pg_advisory_lock({LOCK})")
    assert await store.prune(Retention(days=3), NOON) == 0
    await holder.close()
    assert await store.prune(Retention(days=3), NOON) == 1


def size_of(path: str) -> int:
    """Return how many bytes a file has."""
    return Path(path).stat().st_size


def tables(postgres: Postgres, database: str) -> set[str]:
    """Return the days that have a table for attempts, and check that they have one for texts."""
    listed = postgres.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'", database
    ).split()
    days = {name.removeprefix("runs_") for name in listed if name.startswith("runs_")}
    assert {f"run_texts_{day}" for day in days} == {n for n in listed if "texts" in n}
    return days

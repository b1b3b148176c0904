"""What was made again is marked in all attempts of the run, and stays so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crontask_core.enums import RunStatus, RunType
from crontask_history.errors import SchemaError
from crontask_history.filters import RunFilter
from crontask_history.row import RunRow
from crontask_history.sql.database import open_database
from crontask_history.sql.migrate import migrate
from crontask_history.store import HistoryStore
from crontask_history.url import HistoryUrl
from tests.history.conftest import Opening
from tests.history.rows import NOON, failed, row

ALL = RunFilter(namespace="shop", newest_first=False)
AGAIN = "f" * 32


def again(of: RunRow, days: float = 0) -> RunRow:
    """Return the run that makes the run of `of` again, so many days later."""
    begin = of.begin_time + timedelta(days=days, seconds=60)
    return row(
        uid=of.uid,
        execution_id=AGAIN,
        run_type=RunType.MANUAL,
        scheduled_time=of.scheduled_time,
        begin_time=begin,
        end_time=begin + timedelta(seconds=1),
        redrive_of=of.execution_id,
    )


async def marks(store: HistoryStore, wanted: RunFilter = ALL) -> list[tuple[int, str]]:
    """Return the attempt of each row, oldest first, and by which run it was made again."""
    return [(each.attempt, each.redriven_by) for each in (await store.query(wanted)).rows]


@pytest.mark.parametrize("days", [0, 1, 30])
async def test_all_attempts_of_the_run_are_marked(store: HistoryStore, days: int) -> None:
    first, second, another = failed(1), failed(2, attempt=2), failed(3)
    second = replace(second, execution_id=first.execution_id, scheduled_time=first.scheduled_time)
    await store.append([first, second, another, failed(1, uid="another")])
    made = again(first, days)
    await store.append([made])
    found = (await store.query(ALL)).rows
    assert {each.key for each in found if each.redriven_by == AGAIN} == {first.key, second.key}
    assert [each.redrive_of for each in found if each.redrive_of] == [first.execution_id]


async def test_a_mark_stays_when_an_attempt_is_written_again(store: HistoryStore) -> None:
    await store.append([failed(1)])
    await store.append([again(failed(1))])
    await store.append([failed(1, code=500)])
    assert await marks(store, replace(ALL, statuses=(RunStatus.FAILED,))) == [(1, AGAIN)]


async def test_the_run_and_the_one_that_makes_it_again_may_come_in_one_batch(
    store: HistoryStore,
) -> None:
    await store.append([again(failed(1)), failed(1)])
    assert sorted(await marks(store)) == [(1, ""), (1, AGAIN)]


async def test_runs_can_be_chosen_by_it(store: HistoryStore) -> None:
    await store.append([failed(1), failed(2), again(failed(1))])
    failures = replace(ALL, statuses=(RunStatus.FAILED,))
    assert await marks(store, replace(failures, is_redriven=True)) == [(1, AGAIN)]
    (left,) = (await store.query(replace(failures, is_redriven=False))).rows
    assert left.key == failed(2).key


async def test_all_attempts_of_runs_are_found(store: HistoryStore) -> None:
    runs = [failed(1), failed(2)]
    late = failed(1, attempt=2, begin_time=NOON + timedelta(days=5))
    await store.append([*runs, late, failed(3), failed(1, uid="another")])
    found = await store.attempts_of([each.run for each in runs])
    assert {each.key for each in found} == {each.key for each in (*runs, late)}
    assert await store.attempts_of([]) == []


async def test_tables_of_the_version_before_are_brought_up_with_their_rows(
    url: HistoryUrl, opened: Opening
) -> None:
    engine = open_database(url, connections=1, reads_only=False)
    await _make_first_version(engine)
    reader = opened(url, reads_only=True)
    with pytest.raises(SchemaError):
        await reader.query(ALL)
    writer = opened(url)
    with pytest.raises(SchemaError):
        await writer.append([failed(1)])
    await writer.prepare()
    await writer.append([failed(1), again(failed(1))])
    assert len((await reader.query(ALL)).rows) == 2


async def _make_first_version(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "r0001")
    await engine.dispose()

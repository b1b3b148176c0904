"""Figures of many runs: what is counted where, and ranks, against a plain count in Python."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

import pytest

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.errors import HistoryAwayError, HistoryBusyError, TooLongError
from crontask_history.filters import RunFilter
from crontask_history.row import RunRow
from crontask_history.sql import database, sql_history
from crontask_history.statistics import Figures, Per, Spread
from crontask_history.store import HistoryStore
from crontask_history.url import HistoryUrl
from tests.history.conftest import Opening
from tests.history.rows import NOON, failed, row, started

ALL = RunFilter(namespace="shop")


def spread(values: list[timedelta]) -> Spread:
    """Return the values by their nearest ranks."""
    ranked = sorted(value.total_seconds() for value in values)
    if not ranked:
        return Spread()
    return Spread(*(ranked[ceil(len(ranked) * part / 100) - 1] for part in (50, 99)))


def figures(rows: list[RunRow]) -> Figures:
    """Return what is to be said of `rows`."""
    first = [each for each in rows if each.attempt == 1]
    due = [each for each in first if each.run_type in (RunType.SCHEDULED, RunType.CATCH_UP)]
    made = [each.end_time - each.begin_time for each in rows if each.end_time]
    return Figures(
        len(first),
        sum(each.status is RunStatus.FAILED for each in rows),
        len(rows) - len(first),
        spread([each.begin_time - each.scheduled_time for each in due]),
        spread([took for took in made if took]),
    )


def some_rows(number: int) -> list[RunRow]:
    """Return rows of 20 tasks over three hours, with all kinds of ends."""
    chance = random.Random(7)  # noqa: S311 - no secret
    rows = []
    for at in range(number):
        kind = chance.choice([row, row, failed, started])
        due = NOON + timedelta(seconds=chance.randrange(3 * 3600))
        begin = due + timedelta(milliseconds=chance.randrange(5000))
        fields = {
            "name": f"task-{chance.randrange(20):02}",
            "execution_id": f"{at:032x}",
            "attempt": chance.choice([1, 1, 1, 2, 3]),
            "scheduled_time": due,
            "begin_time": begin,
            "run_type": chance.choice([*RunType]),
        }
        if kind is not started:
            fields["end_time"] = begin + timedelta(milliseconds=chance.choice([0, 3, 80, 4000]))
        rows.append(kind(at, **fields))
    return rows


def span_of(row: RunRow, per: Per) -> datetime:
    """Return the begin of the span in which `row` counts."""
    begin = row.begin_time.replace(second=0, microsecond=0)
    if per is Per.MINUTE:
        return begin
    return begin.replace(minute=0, hour=0 if per is Per.DAY else begin.hour)


@pytest.mark.parametrize("per", [*Per])
async def test_each_span_is_counted(store: HistoryStore, per: Per) -> None:
    rows = some_rows(500)
    await store.append([*rows, row(1, namespace="other", uid="another")])
    stats = await store.stats(ALL, per)
    begins = sorted({span_of(each, per) for each in rows})
    assert [(span.begin, span.figures) for span in stats.spans] == [
        (begin, figures([each for each in rows if span_of(each, per) == begin])) for begin in begins
    ]
    assert len(begins) > {Per.MINUTE: 100, Per.HOUR: 2, Per.DAY: 0}[per]


async def test_tasks_stand_out_by_failures_and_by_duration(store: HistoryStore) -> None:
    rows = some_rows(500)
    rows += [
        replace(failed(1, name="worst", execution_id=f"{9000 + at:032x}"), task_name="the worst")
        for at in range(200)
    ]
    rows.append(row(2, name="slow", end_time=NOON + timedelta(seconds=60)))
    rows.append(started(3, name="hangs"))
    await store.append(rows)
    stats = await store.stats(ALL, Per.HOUR)
    names = {each.name for each in rows}
    by_name = {name: figures([each for each in rows if each.name == name]) for name in names}
    failing = sorted(names, key=lambda name: (-by_name[name].failures, name))
    slowest = sorted(names, key=lambda name: (-(by_name[name].duration.p99 or 0), name))
    assert [each.name for each in stats.failing] == failing[:10]
    assert [each.name for each in stats.slowest] == slowest[:10]
    assert stats.failing[0].task_name == "the worst"
    assert all(each.figures == by_name[each.name] for each in stats.failing + stats.slowest)
    assert stats.slowest[0].name == "slow"


async def test_who_never_failed_or_ended_does_not_stand_out(store: HistoryStore) -> None:
    await store.append([row(1, name="fine"), started(2, name="hangs")])
    stats = await store.stats(ALL, Per.HOUR)
    assert stats.failing == []
    assert [each.name for each in stats.slowest] == ["fine"]


async def test_a_run_that_was_missed_has_no_duration(store: HistoryStore) -> None:
    missed = failed(1, reason=Reason.MISSED, begin_time=NOON, end_time=NOON)
    await store.append([missed])
    (span,) = (await store.stats(ALL, Per.DAY)).spans
    assert (span.figures.failures, span.figures.duration) == (1, Spread())


async def test_filters_choose_what_is_counted(store: HistoryStore) -> None:
    await store.append([row(at, name="ab"[at % 2], module=at % 5) for at in range(100)])
    wanted = replace(
        ALL,
        name="a",
        module=2,
        begin=NOON + timedelta(seconds=50),
        end=NOON + timedelta(seconds=80),
    )
    (span,) = (await store.stats(wanted, Per.DAY)).spans
    assert span.figures.runs == 3
    (failing,) = [await store.stats(replace(ALL, statuses=(RunStatus.FAILED,)), Per.DAY)]
    assert failing.spans == []


async def test_what_was_due_too_long_ago_is_counted_without_its_lag(store: HistoryStore) -> None:
    begin = NOON - timedelta(hours=1)
    old = row(1, scheduled_time=begin - timedelta(days=330))
    await store.append([old, row(2, scheduled_time=begin), row(3)])
    (span,) = (await store.stats(replace(ALL, due_from=begin), Per.DAY)).spans
    assert span.figures.runs == 3
    assert span.figures.lag == figures([row(2, scheduled_time=begin), row(3)]).lag
    (span,) = (await store.stats(ALL, Per.DAY)).spans
    assert span.figures.lag.p99 == pytest.approx(timedelta(days=330).total_seconds(), rel=0.01)


async def test_nothing_is_nothing(store: HistoryStore) -> None:
    stats = await store.stats(ALL, Per.MINUTE)
    assert (stats.spans, stats.failing, stats.slowest) == ([], [], [])


async def test_a_question_that_takes_too_long_is_broken_off_by_the_database(
    url: HistoryUrl, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(url)
    await store.prepare()
    rows = some_rows(20_000)
    for begin in range(0, len(rows), 1_000):
        await store.append(rows[begin : begin + 1_000])
    with monkeypatch.context() as patched:
        patched.setattr(sql_history, "STATS_SECONDS", 0.002)
        with pytest.raises(TooLongError, match="takes too long for so many runs"):
            await store.stats(ALL, Per.MINUTE)
    # The connection can be used again, and without that bound.
    assert len((await store.stats(ALL, Per.DAY)).spans) == 1


async def test_who_counts_leaves_connections_to_others(
    url: HistoryUrl, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(url)
    await store.prepare()
    await store.append([row(1)])
    counts, may_end = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def for_long(*_: object) -> AsyncIterator[None]:
        counts.set()
        await may_end.wait()
        yield

    with monkeypatch.context() as patched:
        patched.setattr(sql_history, "broken_off_after", for_long)
        patched.setattr(sql_history, "TURN_SECONDS", 0.05)
        first = asyncio.create_task(store.stats(ALL, Per.DAY))
        await counts.wait()
        with pytest.raises(HistoryBusyError, match="busy with counting runs for others; try again"):
            await store.stats(ALL, Per.DAY)
        assert len((await store.query(ALL)).rows) == 1
        may_end.set()
        assert len((await first).spans) == 1
    assert len((await store.stats(ALL, Per.DAY)).spans) == 1


async def test_no_connection_that_is_free_is_told_as_such(
    url: HistoryUrl, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as impatient:
        # That is for a connection of the pool. To connect may take longer.
        impatient.setattr(database, "CONNECT_SECONDS", 0.05)
        store = opened(url)
    await store.prepare()
    assert isinstance(store, sql_history.SqlHistory)
    async with store._engine.connect(), store._engine.connect():
        with pytest.raises(HistoryAwayError, match="connections are all in use; try again"):
            await store.query(ALL)

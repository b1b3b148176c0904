"""Identifiers are the same in every process and version: they are a contract."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crontask_core.identity import (
    manual_execution_id,
    scheduled_execution_id,
    shard_of,
    stable_hash,
    task_id,
)

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_values_that_are_in_use_do_not_change() -> None:
    assert task_id("定时改价") == 3563671045221921
    assert scheduled_execution_id("uid", MOMENT) == "35cf4ffa989f2ec8d5a002a0068d53d0"
    assert manual_execution_id("uid", "now") == "c868d0264445447b9af70af64762df56"
    assert stable_hash("uid") == 702763474


def test_a_task_id_is_kept_by_readers_that_use_doubles() -> None:
    for number in range(1000):
        identifier = task_id(f"task {number}")
        assert 0 <= identifier < 2**53
        assert int(float(identifier)) == identifier


def test_a_run_has_one_id_in_every_zone() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert scheduled_execution_id("uid", elsewhere) == scheduled_execution_id("uid", MOMENT)


def test_runs_and_tasks_are_told_apart() -> None:
    later = MOMENT + timedelta(milliseconds=1)
    ids = {
        scheduled_execution_id("a", MOMENT),
        scheduled_execution_id("b", MOMENT),
        scheduled_execution_id("a", later),
        manual_execution_id("a", "2026-03-01T12:00:00Z"),
    }
    assert len(ids) == 4


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        scheduled_execution_id("uid", datetime(2026, 3, 1))  # noqa: DTZ001


def test_shards_are_about_equal() -> None:
    sizes = [0] * 16
    for number in range(16_000):
        sizes[shard_of(f"uid-{number}", 16)] += 1
    assert min(sizes) > 850
    assert max(sizes) < 1150
    assert shard_of("any", 1) == 0

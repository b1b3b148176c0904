"""The annotation that asks for runs to be made again, as programs and people write it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crontask_core.redrive import (
    MAX_REDRIVES,
    Redrive,
    format_redrives,
    parse_redrives,
    redrive_execution_id,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def some(number: int) -> list[Redrive]:
    """Return so many entries."""
    return [Redrive(f"{at:032x}", NOON + timedelta(seconds=at)) for at in range(number)]


def test_what_is_written_is_read() -> None:
    assert parse_redrives(format_redrives(some(MAX_REDRIVES))) == tuple(some(MAX_REDRIVES))


def test_the_first_ten_count_and_each_run_once() -> None:
    text = format_redrives([*some(3), *some(100)])
    assert parse_redrives(text) == tuple(some(MAX_REDRIVES))


def test_a_moment_is_read_in_any_zone() -> None:
    (found,) = parse_redrives(" ab@2026-03-01T20:00:00+08:00\n")
    assert found == Redrive("ab", NOON)
    assert found.scheduled_time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "ab@",
        "@2026-03-01T12:00:00Z",
        "AB@2026-03-01T12:00:00Z",
        "ab@2026-03-01T12:00:00",
        "ab@2026-03-01",
        "ab@yesterday",
        "ab@0001-01-01T00:00:00+14:00",
        "ab@2026-13-01T12:00:00Z",
        f"{'a' * 65}@2026-03-01T12:00:00Z",
        "x" * 262_144,
    ],
)
def test_what_is_no_entry_is_left_out(text: str) -> None:
    assert parse_redrives(text) == ()
    assert parse_redrives(f"{text[:99]} {format_redrives(some(1))}") == tuple(some(1))


def test_the_run_that_answers_has_one_id_for_each_object() -> None:
    assert redrive_execution_id("a", "1") == redrive_execution_id("a", "1")
    ids = {redrive_execution_id(uid, run) for uid in "ab" for run in "12"}
    assert len(ids) == 4


def test_zones_are_no_part_of_what_is_written() -> None:
    east = Redrive("ab", NOON.astimezone(timezone(timedelta(hours=8))))
    assert format_redrives([east]) == "ab@2026-03-01T12:00:00Z"

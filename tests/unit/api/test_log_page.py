"""A page of the log holds the newest records of however many tasks, in bounded memory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crontask_api.service import log_page
from crontask_api.service.answer_room import MOST_BYTES
from crontask_api.service.cursor import decode_cursor
from crontask_api.service.log_page import LogLine, LogPage
from crontask_core.enums import RunStatus, RunType
from crontask_core.status import RunRecord
from crontask_history.filters import Position
from tests.support.memory import grown_bytes

MIB = 1024 * 1024
TASKS = 100
FILLED: Final[list[LogPage]] = []
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def _line(second: int, number: int, size: int) -> LogLine:
    record = RunRecord(
        execution_id=f"{number:032}",
        run_type=RunType.SCHEDULED,
        attempt=1,
        status=RunStatus.SUCCEEDED,
        scheduled_time=EPOCH,
        begin_time=EPOCH + timedelta(seconds=second),
        body="x" * size,
    )
    return LogLine(record, "id", "name")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9000)), max_size=40))
def test_pages_join_to_the_whole_whatever_the_records_take(
    monkeypatch: pytest.MonkeyPatch, records: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(log_page, "MOST_BYTES", 8000)
    monkeypatch.setattr(log_page, "_SLACK_BYTES", 2000)
    lines = [_line(second, number, size) for number, (second, size) in enumerate(records)]
    read: list[LogLine] = []
    before: Position | None = None
    while True:
        page = LogPage(5, before, lambda _: None)
        for line in lines:
            page.add([line])
        found, cursor = page.finish()
        read += found
        if not cursor:
            break
        before = decode_cursor(cursor)

    assert read == sorted(lines, key=lambda line: line.position, reverse=True)


def test_one_attempt_is_one_line_and_its_end_counts() -> None:
    page = LogPage(5, None, lambda _: None)
    begun, ended = _line(1, 1, 10), _line(1, 1, 20)
    ended = ended._replace(record=replace(ended.record, end_time=EPOCH))
    for first, second in ((begun, ended), (ended, begun)):
        page.add([first])
        page.add([second])
    assert page.finish() == ([ended], "")


def test_what_may_be_older_is_left_for_the_next_page() -> None:
    page = LogPage(5, None, lambda _: None)
    lines = [_line(second, second, 10) for second in range(4)]
    page.add(lines)
    page.look_back_to(lines[2].position)
    found, cursor = page.finish()
    assert found == [lines[3], lines[2]]
    assert decode_cursor(cursor) == lines[2].position


def test_a_page_on_which_nothing_was_found_leads_on() -> None:
    page = LogPage(5, None, lambda _: None)
    page.look_back_to(_line(2, 2, 10).position)
    found, cursor = page.finish()
    assert found == []
    assert decode_cursor(cursor) == _line(2, 2, 10).position


def _fill(hold: Callable[[int], None]) -> LogPage:
    """Return a page that has seen the records of many tasks, half a megabyte each."""
    page = LogPage(10_000, None, hold)
    for task in range(TASKS):
        page.add(_line(second, 100 * task + second, 50_000) for second in range(10))
    return page


def test_what_is_read_is_counted_among_all_answers() -> None:
    held: list[int] = []

    lines, cursor = _fill(held.append).finish()

    assert 0.9 * MOST_BYTES < sum(held) < 1.5 * MOST_BYTES
    assert cursor
    assert {line.record.begin_time.second for line in lines} == {9, 8}


def keep_page() -> None:
    """Leave in memory what a query has found before it answers."""
    FILLED.append(_fill(lambda _: None))


def test_a_query_of_many_long_logs_takes_little() -> None:
    # They are 50 MB in all.
    assert grown_bytes(keep_page) < 25 * MIB

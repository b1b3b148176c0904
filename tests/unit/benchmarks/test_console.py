"""What is measured of the console becomes rows with its goals."""

from benchmarks.console_summary import add_console
from benchmarks.measures.console import Console, Viewed
from benchmarks.outcome import Outcome
from benchmarks.rows import Row
from benchmarks.usage import MIB


def _rows(*, requests: float, resident: int) -> dict[str, Row]:
    console = Console(10_000, 1.0, resident=100 * MIB)
    console.listed += [0.02, 0.2, 0.3]
    console.list_bytes += [5_000]
    console.found += [0.01]
    console.task += [0.02]
    console.overview += [0.5]
    console.runs += [0.5]
    console.kept_task += [0.2]
    console.kept_runs += [0.5]
    console.kept_overview += [0.5]
    console.viewed += [
        Viewed(1, 100 * MIB, 1.0, requests=3, pages=10),
        Viewed(50, resident, 5.0, requests=requests, pages=500),
    ]
    outcome = Outcome()
    add_console(outcome, console)
    return {row.measure: row for row in outcome.rows}


def test_each_goal_is_kept_or_missed() -> None:
    rows = _rows(requests=3, resident=140 * MIB)
    assert {row.group for row in rows.values()} == {"console, 10,000 tasks"}
    assert rows["first byte of the list"].met is False
    assert rows["the list, compressed"].reached.median == 5.0
    assert all(rows[name].met for name in ("the list, compressed", "search", "page of a task"))
    assert rows["page of a task with charts, from a history"].met is False
    assert rows["overview"].met is None
    assert rows["memory of 50 viewers"].reached.median == 40.0
    assert rows["memory of 50 viewers"].met
    assert rows["requests to the API server, 50 viewers"].met
    assert rows["CPU for a page of 50 viewers"].reached.median == 10.0


def test_more_viewers_may_cost_the_api_server_no_more() -> None:
    rows = _rows(requests=4, resident=141 * MIB)
    assert rows["requests to the API server, 50 viewers"].met is False
    assert rows["memory of 50 viewers"].met is False

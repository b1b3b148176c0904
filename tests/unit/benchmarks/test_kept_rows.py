"""That what is measured with a history is held against its goals, beside the bare loop."""

from benchmarks import kept_rows
from benchmarks.keeping import WITHOUT
from benchmarks.measures.kept import Kept
from benchmarks.measures.kept_crash import Crash
from benchmarks.measures.kept_list import Listed
from benchmarks.measures.kept_steady import Beat
from benchmarks.outcome import Outcome
from benchmarks.rows import Row


def rows_of(outcome: Outcome) -> dict[tuple[str, str], Row]:
    return {(row.group, row.measure): row for row in outcome.rows}


def test_a_burst_is_held_against_one_without_a_history() -> None:
    outcome = Outcome()
    without = Kept(WITHOUT, 5000, 1.0, p99=[1.0], written=[8.0], cpu=[4.0])
    slower = Kept(
        "SQLite", 5000, 1.0, p99=[1.1], kept=[1.9], written=[9.0], cpu=[3.0], bare=[0.4],
        waiting_bytes=50 * 2**20,
    )  # fmt: skip
    kept_rows.add_bursts(outcome, [without, slower])
    rows = rows_of(outcome)
    assert rows["burst of 5,000, no history", "lag p99"].goal is None
    assert rows["burst of 5,000, SQLite", "lag p99"].met is False
    kept = rows["burst of 5,000, SQLite", "until all are in the history"]
    assert kept.met is True
    assert kept.baseline is not None
    assert kept.baseline.figure.median == 0.4
    assert rows["burst of 5,000, SQLite", "CPU of the operator"].reached.median == 0.6
    assert rows["burst of 5,000, SQLite", "memory for rows that wait"].met is False


def test_another_size_has_no_goal_of_seconds() -> None:
    outcome = Outcome()
    without = Kept(WITHOUT, 500, 1.0, p99=[1.0], written=[8.0], cpu=[4.0])
    kept = Kept("SQLite", 500, 1.0, p99=[0.9], kept=[3.0], written=[9.0], cpu=[3.0], bare=[0.4])
    kept_rows.add_bursts(outcome, [without, kept])
    assert rows_of(outcome)["burst of 500, SQLite", "until all are in the history"].goal is None


def test_steady_tasks_miss_nothing_and_cost_little() -> None:
    outcome = Outcome()
    held = Beat("SQLite", 800, 1, 15, p99=0.4, missed=3, cpu_each=0.0005, waiting=0, load=1.0)
    kept_rows.add_steady(outcome, held)
    rows = rows_of(outcome)
    assert rows["800 every second, SQLite", "lag p99"].met is True
    assert rows["800 every second, SQLite", "missed"].met is False
    assert rows["800 every second, SQLite", "CPU of the operator"].met is True


def test_bursts_that_follow_each_other_are_over_before_the_next() -> None:
    outcome = Outcome()
    held = Beat(
        "SQLite", 10_000, 10, 120, p99=11.0, missed=0, cpu_each=0.001, waiting=500, load=1.0
    )
    kept_rows.add_beat(outcome, held)
    rows = rows_of(outcome)
    assert rows["10,000 every 10 s, SQLite", "lag p99 over 120 s"].met is False
    waiting = "rows that wait before the next instant, at most"
    assert rows["10,000 every 10 s, SQLite", waiting].met is False


def test_lists_of_a_large_history_are_soon_there() -> None:
    outcome = Outcome()
    seconds = {"one task": [0.02], "failed": [0.009], "all": [0.5]}
    store = {"one task": [0.01], "failed": [0.003], "all": [0.4]}
    kept_rows.add_lists(outcome, Listed(10_000_000, 1.0, seconds, store))
    group = "list_runs, 10,000,000 rows in PostgreSQL"
    met = [row.met for name, row in rows_of(outcome).items() if name[0] == group]
    assert met == [False, True, None]
    kept_rows.add_lists(outcome, Listed(30_000, 1.0, seconds, store))
    assert [row.met for row in outcome.rows[3:]] == [None, None, None]


def test_a_crash_repeats_no_more_than_without_a_history() -> None:
    outcome = Outcome()
    crashes = [Crash(WITHOUT, 500, 300, 200, 1.0), Crash("SQLite", 500, 300, 40, 1.0)]
    kept_rows.add_crashes(outcome, crashes)
    row = rows_of(outcome)["a kill in a burst of 500", "made again, SQLite"]
    assert row.met is True
    assert row.ratio == 0.2

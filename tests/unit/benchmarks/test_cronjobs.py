"""What a watch tells of the Jobs of one minute, and the rows that are made of it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from benchmarks.cronjobs import JobLags, cronjobs, due_minute
from benchmarks.errors import BenchmarkError
from benchmarks.measures.burst import Burst
from benchmarks.measures.cronjob import CronJobs
from benchmarks.outcome import Outcome
from benchmarks.peers import add_cronjobs
from crontask_core.schedule import compile_schedule

DUE = int(datetime(2026, 3, 1, 23, 59, tzinfo=UTC).timestamp())
MINUTES = DUE // 60


def _line(name: str, kind: str = "ADDED") -> bytes:
    event = {"type": kind, "object": {"kind": "Job", "metadata": {"name": name, "uid": "1"}}}
    return json.dumps(event).encode() + b"\n"


async def _lines(*lines: bytes) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def test_the_lag_is_from_the_minute_to_the_arrival_of_the_event() -> None:
    jobs = JobLags(2, DUE)

    jobs.note(_line(f"cron-00000-{MINUTES}"), DUE + 0.25)
    assert not jobs.complete
    jobs.note(_line(f"cron-00001-{MINUTES}"), DUE + 61.5)

    assert list(jobs.lags.values()) == [0.25, 61.5]
    assert jobs.complete


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(_line(f"cron-00000-{MINUTES}", "MODIFIED"), id="a later change of the Job"),
        pytest.param(_line(f"cron-00000-{MINUTES}", "DELETED"), id="its end"),
        pytest.param(_line(f"cron-00000-{MINUTES + 1}"), id="the next minute's"),
        pytest.param(_line(f"cron-0000{MINUTES}"), id="a name that only ends like it"),
    ],
)
def test_nothing_but_the_creation_of_a_job_of_the_minute_counts(line: bytes) -> None:
    jobs = JobLags(1, DUE)

    jobs.note(line, DUE + 1)

    assert jobs.lags == {}


def test_a_job_counts_once_and_by_its_first_event() -> None:
    jobs = JobLags(2, DUE)

    for lag in (1, 2):
        jobs.note(_line(f"cron-00000-{MINUTES}"), DUE + lag)

    assert list(jobs.lags.values()) == [1]
    assert not jobs.complete


def test_a_failed_watch_is_an_error_and_no_job() -> None:
    gone = b'{"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}}\n'

    with pytest.raises(BenchmarkError, match=r"watch of Jobs.*410"):
        JobLags(1, DUE).note(gone, DUE + 1)


async def test_a_watch_is_followed_until_every_job_exists() -> None:
    jobs = JobLags(2, DUE)
    lines = _lines(*(_line(f"cron-0000{number}-{MINUTES}") for number in range(3)))

    await jobs.follow(lines)

    assert len(jobs.lags) == 2
    assert [line async for line in lines] != [], "the third was left"


async def test_a_watch_that_ends_early_tells_how_many_there_were() -> None:
    with pytest.raises(BenchmarkError, match="ended after 1 of 2"):
        await JobLags(2, DUE).follow(_lines(_line(f"cron-00000-{MINUTES}")))


@pytest.mark.parametrize(
    ("now", "count", "minutes"),
    [
        pytest.param(-30.0, 100, 0, id="time enough before this minute"),
        pytest.param(-14.0, 100, 1, id="too little: the next"),
        pytest.param(-15.0, 100, 0, id="just enough"),
        pytest.param(-30.0, 1000, 2, id="many take longer than a minute"),
    ],
)
def test_the_minute_leaves_time_to_create_all(now: float, count: int, minutes: int) -> None:
    # 100 take 10 s at this pace, 1,000 take 100 s.
    assert due_minute(DUE + now, count, pace=10, lead=5) == DUE + 60 * minutes


def test_cronjobs_are_due_in_that_minute_and_not_in_those_around_it() -> None:
    first, second = cronjobs(2, DUE)
    before = datetime(2026, 3, 1, 12, tzinfo=UTC)
    schedule = compile_schedule(
        first["spec"]["schedule"],
        time_zone=first["spec"]["timeZone"],
        seed="",
        anchor=before,
    )

    due = schedule.next(before)

    assert due == datetime.fromtimestamp(DUE, UTC)
    assert schedule.next(due) == datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    assert first["metadata"]["name"] != second["metadata"]["name"]


THEIRS = CronJobs("default flags", (1.0, 30.0, 60.0, 100.0), 0.02, 64 * 1024 * 1024, load=1.5)


def test_the_figures_of_a_minute() -> None:
    assert (THEIRS.p50, THEIRS.p99) == (30, 100)
    assert THEIRS.rate == pytest.approx(0.04)
    assert THEIRS.in_time == 2, "one that comes with the next minute is late"
    assert THEIRS.cpu_each == pytest.approx(5)


def test_each_row_has_the_own_burst_beside_it() -> None:
    ours = Burst(
        4, 1.0, p50=[0.1, 0.1], p99=[0.2, 0.4], highest=[0.5, 0.5], cpu=[0.008], peak_bytes=2**25
    )
    outcome = Outcome()

    add_cronjobs(outcome, THEIRS, ours)

    rows = {row.measure: row for row in outcome.rows}
    assert {row.group for row in outcome.rows} == {"4 CronJobs, default flags"}
    assert {row.load for row in outcome.rows} == {1.5}
    ratios = {measure: row.ratio for measure, row in rows.items()}
    assert ratios == {
        "lag p50": pytest.approx(300),
        "lag p99": pytest.approx(100 / 0.3),
        "lag max": pytest.approx(200),
        "Jobs created": pytest.approx(0.04 / 8),
        "Jobs before the next minute": None,
        "controller CPU": pytest.approx(2.5),
        "peak memory": pytest.approx(2),
    }
    assert "no pod" in "".join(row.note for row in outcome.rows)

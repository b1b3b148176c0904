"""What is due, missed and next, decided without a clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crontask_core.constants import LATE_SECONDS, MAX_CATCH_UP_RUNS
from crontask_core.enums import MissedRunPolicy, RunType, TaskType
from crontask_core.planning import Due, due_runs, fingerprint, next_plan
from crontask_core.schedule import compile_schedule, compile_spec
from crontask_core.spec import Callback, CronTaskSpec, Dst, HttpCallback
from crontask_core.status import Plan

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CALLBACK = Callback(http=HttpCallback(url="http://target.example/"))


def spec(**fields: Any) -> CronTaskSpec:
    """Return a spec of every minute, or what `fields` say instead."""
    return CronTaskSpec(callback=CALLBACK, **({"schedule": "* * * * *"} | fields))


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def decide(task: CronTaskSpec, now: datetime, watermark: datetime | None = None) -> Due:
    plan = Plan(fingerprint="any", since=T0)
    return due_runs(task, compile_spec(task, seed="", anchor=T0), plan, watermark, now)


def runs(due: Due) -> list[tuple[float, RunType]]:
    return [((run.scheduled_time - T0).total_seconds(), run.run_type) for run in due.runs]


def test_nothing_is_due_before_its_moment() -> None:
    due = decide(spec(), at(59.9))
    assert due == Due(next_run=at(60))


@pytest.mark.parametrize("lateness", [0, 0.5, LATE_SECONDS])
def test_a_late_look_is_on_time(lateness: float) -> None:
    due = decide(spec(missed_run_policy=MissedRunPolicy.SKIP), at(60 + lateness))
    assert runs(due) == [(60, RunType.SCHEDULED)]
    assert (due.missed, due.watermark, due.next_run) == (0, at(60), at(120))


def test_later_than_late_is_missed() -> None:
    due = decide(spec(), at(60 + LATE_SECONDS + 0.001))
    assert runs(due) == [(60, RunType.CATCH_UP)]


@pytest.mark.parametrize(
    ("policy", "expected", "missed"),
    [
        (MissedRunPolicy.LATEST, [(240, RunType.CATCH_UP)], 3),
        (MissedRunPolicy.SKIP, [], 4),
        (
            MissedRunPolicy.ALL,
            [
                (60, RunType.CATCH_UP),
                (120, RunType.CATCH_UP),
                (180, RunType.CATCH_UP),
                (240, RunType.CATCH_UP),
            ],
            0,
        ),
    ],
)
def test_each_policy(
    policy: MissedRunPolicy, expected: list[tuple[float, RunType]], missed: int
) -> None:
    due = decide(spec(missed_run_policy=policy), at(270))
    assert runs(due) == expected
    assert (due.missed, due.watermark, due.next_run) == (missed, at(240), at(300))


def test_the_deadline_bounds_what_is_caught_up() -> None:
    task = spec(missed_run_policy=MissedRunPolicy.ALL, starting_deadline_seconds=100)
    due = decide(task, at(270))
    assert runs(due) == [(180, RunType.CATCH_UP), (240, RunType.CATCH_UP)]
    assert due.missed == 2


def test_what_the_watermark_has_passed_is_not_due_again() -> None:
    assert decide(spec(), at(125), watermark=at(120)) == Due(next_run=at(180))


def test_a_moment_past_the_deadline_ends_a_one_shot_task() -> None:
    task = spec(schedule=None, at=at(60), starting_deadline_seconds=30)
    assert decide(task, at(100)) == Due(missed=1, watermark=at(60), expired=True)
    assert runs(decide(task, at(85))) == [(60, RunType.CATCH_UP)]


def test_a_single_task_that_missed_its_moment_takes_the_next() -> None:
    task = spec(type=TaskType.SINGLE, missed_run_policy=MissedRunPolicy.SKIP)
    due = decide(task, at(270))
    assert (due.runs, due.next_run, due.expired) == ((), at(300), False)


def test_a_single_task_fires_only_one_of_many() -> None:
    task = spec(type=TaskType.SINGLE, missed_run_policy=MissedRunPolicy.ALL)
    assert runs(decide(task, at(270))) == [(240, RunType.CATCH_UP)]
    assert decide(task, at(270)).next_run is None


# Forty seconds of a minute that comes once an hour: the latest hundred span three hours.
@example(seconds=3240220, expression="* 3 * * * *", policy=MissedRunPolicy.ALL)
@given(
    seconds=st.integers(min_value=1, max_value=10**7),
    expression=st.sampled_from(
        ["* * * * * *", "*/7 * * * * *", "* 3 * * * *", "0 */5 * * * *", "0 0 3 * * *"]
    ),
    policy=st.sampled_from(MissedRunPolicy),
)
def test_any_backlog_is_bounded_and_consumed(
    seconds: int, expression: str, policy: MissedRunPolicy
) -> None:
    task = spec(schedule=expression, missed_run_policy=policy, starting_deadline_seconds=seconds)
    now = at(seconds)
    due = decide(task, now)
    schedule = compile_schedule(expression)
    moments = [run.scheduled_time for run in due.runs]
    assert len(moments) + due.missed <= MAX_CATCH_UP_RUNS
    assert moments == sorted(moments)
    if due.watermark is None:
        assert due.next_run == schedule.next(T0)
    else:
        # The watermark is the latest moment there was: nothing up to now is left.
        assert due.watermark <= now
        assert due.next_run == schedule.next(due.watermark)
        assert due.next_run is not None
        assert due.next_run > now
    if policy is MissedRunPolicy.ALL:
        # None in between is left out, and as many are caught up as there are, or may be.
        assert all(schedule.next(first) == second for first, second in pairwise(moments))
        wanted, moment = 0, schedule.next(T0)
        while moment is not None and moment <= now and wanted < MAX_CATCH_UP_RUNS:
            wanted, moment = wanted + 1, schedule.next(moment)
        assert len(moments) == wanted


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "0 * * * *"},
        {"schedule": None, "at": T0},
        {"time_zone": "Asia/Tokyo"},
        {"dst": Dst(gap="RunAfter")},  # type: ignore[arg-type]
        {"type": TaskType.SINGLE},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_moments_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprint(spec(**change)) != fingerprint(spec())


@pytest.mark.parametrize(
    "change",
    [{"suspend": True}, {"timeout_seconds": 5}, {"type": TaskType.DAILY}, {"module": 7}],
    ids=lambda change: next(iter(change)),
)
def test_other_changes_leave_the_plan(change: dict[str, Any]) -> None:
    assert fingerprint(spec(**change)) == fingerprint(spec())


def test_a_first_plan_counts_from_creation_and_a_change_from_now() -> None:
    first = next_plan(spec(), None, created=T0, now=at(50))
    assert first.since == T0
    assert next_plan(spec(), first, created=T0, now=at(60)) is first
    changed = next_plan(spec(schedule="0 * * * *"), first, created=T0, now=at(70))
    assert changed.since == at(70)


def test_suspending_and_resuming_keep_the_plan_and_move_the_reference() -> None:
    first = next_plan(spec(), None, created=T0, now=T0)
    paused = next_plan(spec(suspend=True), first, created=T0, now=at(10))
    resumed = next_plan(spec(), paused, created=T0, now=at(300))
    assert (paused.suspended, paused.resumed_time) == (True, None)
    assert (resumed.suspended, resumed.resumed_time, resumed.since) == (False, at(300), T0)
    task = spec()
    due = due_runs(task, compile_spec(task, seed="", anchor=T0), resumed, None, at(301))
    assert due == Due(next_run=at(360))


@pytest.mark.parametrize("policy", list(MissedRunPolicy))
def test_moments_that_were_met_are_neither_due_nor_missed(policy: MissedRunPolicy) -> None:
    task = spec(schedule="* * * * * *", missed_run_policy=policy, starting_deadline_seconds=600)
    plan = Plan(fingerprint="any", since=T0)
    schedule = compile_spec(task, seed="", anchor=T0)
    made = frozenset(at(second) for second in (1, 2, 4, 20))
    due = due_runs(task, schedule, plan, None, at(20), made=made)
    whole = due_runs(task, schedule, plan, None, at(20))
    assert not made & {run.scheduled_time for run in due.runs}
    assert len(due.runs) + due.missed == len(whole.runs) + whole.missed - len(made)
    assert (due.watermark, due.next_run) == (at(20), at(21))


def test_where_all_were_met_the_watermark_passes_them() -> None:
    task = spec(schedule="* * * * * *")
    plan = Plan(fingerprint="any", since=T0)
    schedule = compile_spec(task, seed="", anchor=T0)
    due = due_runs(task, schedule, plan, at(8), at(10), made={at(9), at(10)})
    assert due == Due(watermark=at(10), next_run=at(11))

"""A look decides what follows from a task's state and the time, and does nothing itself."""

from typing import Any

import pytest

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import Phase, Reason
from crontask_core.times import rfc3339
from crontask_operator.engine import decisions
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.decisions import AGAIN_AFTER_FAULT, look
from crontask_operator.task.state import JobStage, LeaseState, TaskState
from tests.unit.engine.looks import (
    EVERY_10,
    NEVER,
    TEXT_BYTES,
    at,
    edit,
    gained,
    running,
    start_all,
    started,
    told,
)
from tests.unit.engine.world import FAIL, OK, START

ACTIVE = {
    "executionId": "e" * 32,
    "runType": "Scheduled",
    "attempt": 2,
    "scheduledTime": rfc3339(at(-5)),
    "beginTime": rfc3339(at(-4)),
}
RETRY = {
    "executionId": "f" * 32,
    "attempt": 2,
    "scheduledTime": rfc3339(at(-5)),
    "dueTime": rfc3339(at(3)),
    "firstBeginTime": rfc3339(at(-5)),
}


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        pytest.param(gained(schedule=EVERY_10), 0, ([], [], 10, True), id="a new task"),
        pytest.param(
            gained(schedule=EVERY_10), 10, (["Scheduled 1"], [], 20, True), id="a moment has come"
        ),
        pytest.param(
            gained(schedule=EVERY_10), 45,
            (["Scheduled 1"], ["RunsMissed"], 50, True), id="moments were missed",
        ),
        pytest.param(
            gained(schedule=EVERY_10, missedRunPolicy="All", concurrencyPolicy="Forbid"), 45,
            (["CatchUp 1"], [], 50, True), id="a backlog waits for its first run",
        ),
        pytest.param(
            gained(schedule=EVERY_10, suspend=True), 45, ([], [], None, True), id="suspended"
        ),
        pytest.param(
            gained(schedule="every day"), 0, ([], ["Invalid"], None, True), id="a wrong schedule"
        ),
        pytest.param(
            gained(at=rfc3339(at(7))), 0, ([], [], 7, True), id="a moment ahead"
        ),
        pytest.param(
            gained(at=rfc3339(at(7)), missedRunPolicy="Skip"), 100,
            ([], ["RunsMissed", "Failed"], None, True), id="the only moment was missed",
        ),
        pytest.param(
            gained({"active": [ACTIVE]}, schedule=NEVER), 0,
            (["Scheduled 2"], [], 306 * 86400 - 43200, True), id="an attempt without an outcome",
        ),
        pytest.param(
            gained({"pendingRetries": [RETRY]}, schedule=EVERY_10), 0, ([], [], 3, True),
            id="a retry ahead",
        ),
        pytest.param(
            gained({"pendingRetries": [RETRY]}, schedule=EVERY_10), 4,
            (["Retry 2"], [], 10, True), id="a retry is due",
        ),
    ],
)  # fmt: skip
def test_what_is_due_when_a_task_is_taken_over(
    state: TaskState, now: float, expected: tuple[list[str], list[str], float | None, bool]
) -> None:
    actions = look(state, at(now), TEXT_BYTES)
    wake = actions.wake_at and (actions.wake_at - START).total_seconds()
    assert (started(actions), told(actions), wake, actions.write) == expected
    assert (actions.cancel, actions.delete, actions.fault) == ([], False, None)
    assert state.lease is LeaseState.HELD


@pytest.mark.parametrize("lease", [LeaseState.OTHERS, LeaseState.LOST, LeaseState.DRAINING])
def test_nothing_begins_without_a_lease(lease: LeaseState) -> None:
    state = gained(schedule=EVERY_10)
    look(state, at(0), TEXT_BYTES)
    state.lease, state.run_request, state.in_force = lease, "please", False
    assert look(state, at(10), TEXT_BYTES) == Actions()


@pytest.mark.parametrize(
    ("lease", "counted"),
    [(LeaseState.HELD, 1), (LeaseState.DRAINING, 1), (LeaseState.LOST, 1), (LeaseState.OTHERS, 0)],
)
def test_an_end_is_recorded_and_counted_by_who_makes_the_run(
    lease: LeaseState, counted: int
) -> None:
    state, job = running(10, schedule=EVERY_10)
    job.end(OK, at(11))
    state.lease = lease
    actions = look(state, at(12), TEXT_BYTES)
    assert (actions.ended, actions.write, state.jobs) == ([job], True, {})
    assert [record.end_time for record in state.unsaved] == [at(11)]
    assert state.draft.counters.succeeded == counted
    assert actions.wake_at == (at(20) if lease is LeaseState.HELD else None)


def test_a_failure_is_tried_again_from_its_end_on() -> None:
    state, job = running(10, schedule=EVERY_10, retry={"delaysSeconds": [3]})
    job.end(FAIL, at(11))
    assert look(state, at(12), TEXT_BYTES).wake_at == at(14)
    assert started(look(state, at(14), TEXT_BYTES)) == ["Retry 2"]
    assert state.draft.counters.failed == 0


def test_forbid_skips_while_a_run_is_under_way_and_not_once_it_has_ended() -> None:
    spec = {"schedule": EVERY_10, "concurrencyPolicy": "Forbid"}
    state, job = running(10, **spec)
    actions = look(state, at(20), TEXT_BYTES)
    assert (started(actions), told(actions), actions.write) == ([], ["RunSkipped"], True)
    job.end(OK, at(30))
    actions = look(state, at(30), TEXT_BYTES)
    assert (started(actions), told(actions), actions.ended) == (["Scheduled 1"], [], [job])


def test_replace_cancels_what_is_in_flight() -> None:
    state, job = running(10, schedule=EVERY_10, concurrencyPolicy="Replace")
    actions = look(state, at(20), TEXT_BYTES)
    assert actions.cancel == [(job, Reason.REPLACED)]
    assert (started(actions), job.stage) == (["Scheduled 1"], JobStage.RUNNING)


def test_replace_ends_at_once_what_is_not_in_flight() -> None:
    state = gained(schedule=EVERY_10, concurrencyPolicy="Replace")
    (queued,) = look(state, at(10), TEXT_BYTES).start
    actions = look(state, at(20), TEXT_BYTES)
    assert (actions.cancel, actions.ended) == ([(queued, Reason.REPLACED)], [queued])
    assert queued.result is not None
    assert queued.result.reason is Reason.REPLACED


def test_of_a_backlog_that_replaces_itself_the_last_run_is_made() -> None:
    state = gained(schedule=EVERY_10, concurrencyPolicy="Replace", missedRunPolicy="All")
    actions = look(state, at(45), TEXT_BYTES)
    assert [job.attempt.scheduled_time for job in actions.start] == [at(40)]
    assert (actions.cancel, len(actions.ended)) == ([], 3)


def test_one_end_lets_one_of_a_backlog_begin() -> None:
    spec: dict[str, Any] = {
        "schedule": EVERY_10, "concurrencyPolicy": "Forbid", "missedRunPolicy": "All",
    }  # fmt: skip
    state = gained(**spec)
    (job,) = start_all(look(state, at(45), TEXT_BYTES), 45)
    assert not look(state, at(46), TEXT_BYTES).start
    job.end(OK, at(47))
    (following,) = look(state, at(47), TEXT_BYTES).start
    assert following.attempt.scheduled_time == at(20)
    edit(state, **{**spec, "suspend": True})
    look(state, at(48), TEXT_BYTES)
    assert list(state.jobs.values()) == [following]
    assert state.draft.counters.missed == 2


def test_the_only_run_is_told_of_once_as_skipped_and_made_when_there_is_room() -> None:
    state = gained(at=rfc3339(at(7)), concurrencyPolicy="Forbid")
    state.run_request = "please"
    (manual,) = start_all(look(state, at(0), TEXT_BYTES), 0)
    assert told(look(state, at(7), TEXT_BYTES)) == ["RunSkipped"]
    assert told(look(state, at(8), TEXT_BYTES)) == []
    manual.end(OK, at(9))
    assert started(look(state, at(9), TEXT_BYTES)) == ["Scheduled 1"]


def test_a_request_is_answered_once() -> None:
    state = gained(schedule=NEVER)
    look(state, at(0), TEXT_BYTES)
    state.run_request = "please"
    assert started(look(state, at(1), TEXT_BYTES)) == ["Manual 1"]
    assert started(look(state, at(2), TEXT_BYTES)) == []
    assert state.draft.handled_run_request == "please"


def test_a_request_that_waits_is_answered_by_the_look_at_an_end() -> None:
    state = gained(schedule=NEVER)
    look(state, at(0), TEXT_BYTES)
    for number in range(MAX_ACTIVE_RUNS):
        state.run_request = f"r{number}"
        start_all(look(state, at(1), TEXT_BYTES), 1)
    state.run_request = "late"
    assert told(look(state, at(2), TEXT_BYTES)) == ["RunRequestWaits"]
    first = next(iter(state.jobs.values()))
    first.end(OK, at(3))
    assert started(look(state, at(3), TEXT_BYTES)) == ["Manual 1"]


def test_a_one_shot_task_is_finished_and_deleted_after_its_time_to_live() -> None:
    state, job = running(7, at=rfc3339(at(7)), ttlSecondsAfterFinished=60)
    job.end(OK, at(8))
    actions = look(state, at(8), TEXT_BYTES)
    assert (told(actions), actions.wake_at, actions.delete) == (["Succeeded"], at(68), False)
    assert state.draft.phase is Phase.SUCCEEDED
    actions = look(state, at(68), TEXT_BYTES)
    assert (actions.delete, actions.wake_at) == (True, at(68) + AGAIN_AFTER_FAULT)


def test_all_of_a_deleted_task_is_cancelled() -> None:
    state, job = running(10, schedule=EVERY_10)
    (queued,) = look(state, at(20), TEXT_BYTES).start
    state.gone = True
    actions = look(state, at(21), TEXT_BYTES)
    assert actions.cancel == [(job, Reason.CANCELLED), (queued, Reason.CANCELLED)]
    assert list(state.jobs.values()) == [job]
    assert (actions.start, actions.wake_at) == ([], None)


def test_what_waited_for_the_lease_goes_on() -> None:
    state, job = running(10, schedule=EVERY_10)
    state.lease = LeaseState.LOST
    job.wait()
    state.lease, state.in_force = LeaseState.HELD, False
    assert look(state, at(12), TEXT_BYTES).start == [job]


def test_a_fault_is_told_and_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    state = gained(schedule=EVERY_10)
    monkeypatch.setattr(decisions, "due_runs", lambda *_, **__: 1 / 0)
    actions = look(state, at(0), TEXT_BYTES)
    assert isinstance(actions.fault, ZeroDivisionError)
    assert (actions.wake_at, actions.write) == (at(0) + AGAIN_AFTER_FAULT, True)

"""The checker of the fault stories: what is sound passes, every planted fault is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest

from crontask_core.enums import RunStatus
from crontask_core.status import Counters
from dev.echo import Received
from tests.support.checker import Call, Crash, Fault, Task, check
from tests.support.checker_story import MINUTES, START, Story, later, run_id
from tests.support.evidence import recorded
from tests.unit.support.planted import (
    plant_active_run,
    plant_attempt_left_out,
    plant_disorder,
    plant_early_run,
    plant_false_success,
    plant_lost_call_with_a_record,
    plant_lost_last_run,
    plant_lost_manual_run,
    plant_lost_retry,
    plant_lost_run,
    plant_missing_record,
    plant_overlap,
    plant_pending_retry,
    plant_record_of_another_moment,
    plant_record_of_another_type,
    plant_record_without_end,
    plant_repetition,
    plant_second_execution_id,
    plant_third_attempt,
    plant_two_records_of_one_attempt,
    plant_undemanded_run,
)


def test_a_sound_story_passes() -> None:
    report = Story().judge()
    assert report.findings == ()
    assert str(report) == "5 runs demanded, 7 calls received, 0 of them repeated, 0 faults"


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        pytest.param(plant_lost_run, {Fault.LOST, Fault.MISCOUNTED}, id="lost run"),
        pytest.param(
            plant_lost_last_run,
            {Fault.LOST, Fault.MISCOUNTED, Fault.WATERMARK},
            id="lost last run",
        ),
        pytest.param(
            plant_lost_call_with_a_record,
            {Fault.LOST, Fault.MISCOUNTED, Fault.UNSEEN},
            id="lost run that a record denies",
        ),
        pytest.param(plant_lost_retry, {Fault.MISCOUNTED}, id="lost retry"),
        pytest.param(plant_lost_manual_run, {Fault.UNSEEN}, id="lost manual run"),
        pytest.param(plant_repetition, {Fault.REPEATED}, id="repetition"),
        pytest.param(plant_second_execution_id, {Fault.FOREIGN_ID}, id="second execution id"),
        pytest.param(plant_undemanded_run, {Fault.UNDEMANDED}, id="undemanded run"),
        pytest.param(plant_early_run, {Fault.EARLY}, id="early run"),
        pytest.param(plant_third_attempt, {Fault.ATTEMPTS}, id="one attempt too many"),
        pytest.param(plant_attempt_left_out, {Fault.ATTEMPTS}, id="attempt left out"),
        pytest.param(
            plant_missing_record, {Fault.UNRECORDED, Fault.MISCOUNTED}, id="missing record"
        ),
        pytest.param(plant_record_without_end, {Fault.UNFINISHED}, id="record without end"),
        pytest.param(plant_active_run, {Fault.UNFINISHED}, id="active run"),
        pytest.param(plant_pending_retry, {Fault.UNFINISHED}, id="pending retry"),
        pytest.param(plant_false_success, {Fault.UNSEEN}, id="false success"),
        pytest.param(
            plant_two_records_of_one_attempt, {Fault.CONTRADICTED}, id="two records of one attempt"
        ),
        pytest.param(
            plant_record_of_another_moment, {Fault.CONTRADICTED}, id="record of another moment"
        ),
        pytest.param(
            plant_record_of_another_type, {Fault.CONTRADICTED}, id="record of another type"
        ),
        pytest.param(plant_disorder, {Fault.DISORDER}, id="disorder"),
        pytest.param(plant_overlap, {Fault.OVERLAP}, id="overlap"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[Story], None], found: set[Fault]) -> None:
    story = Story()
    plant(story)
    assert story.faults() == found


@pytest.mark.parametrize("counter", ["succeeded", "failed", "retries", "missed", "skipped"])
@pytest.mark.parametrize("error", [1, -1])
def test_a_wrong_counter_is_found(counter: str, error: int) -> None:
    story = Story()
    story.count(**{counter: getattr(story.counters, counter) + error})
    assert story.faults() == {Fault.MISCOUNTED}


@pytest.mark.parametrize(
    "watermark",
    [
        pytest.param(None, id="none"),
        pytest.param(MINUTES[3], id="behind"),
        pytest.param(later(MINUTES[4], 60), id="ahead"),
    ],
)
def test_a_wrong_watermark_is_found(watermark: datetime | None) -> None:
    story = Story()
    story.watermark = watermark
    assert story.faults() == {Fault.WATERMARK}


@pytest.mark.parametrize(
    ("crash", "recorded_before", "found"),
    [
        pytest.param(2, False, set(), id="in between and unrecorded"),
        pytest.param(2, True, {Fault.REPEATED}, id="in between but recorded before"),
        pytest.param(-2, False, {Fault.REPEATED}, id="before both"),
        pytest.param(4, False, {Fault.REPEATED}, id="after both"),
    ],
)
def test_a_crash_excuses_what_it_can_cause(
    crash: float, recorded_before: bool, found: set[Fault]
) -> None:
    story = Story()
    plant_repetition(story)
    by_then = recorded([story.task]) if recorded_before else frozenset()
    story.crashes = [Crash(later(MINUTES[1], crash), by_then)]
    assert story.faults() == found
    assert story.judge().repeated == 1


def test_one_crash_excuses_one_repetition() -> None:
    story = Story()
    plant_repetition(story)
    story.calls.append(replace(story.calls[1], arrived=later(MINUTES[1], 4)))
    story.crashes = [Crash(later(MINUTES[1], 2))]
    assert story.faults() == {Fault.REPEATED}


def test_a_crash_excuses_a_run_that_is_behind_its_follower() -> None:
    story = Story()
    plant_disorder(story)
    story.crashes = [Crash(later(MINUTES[1], 5))]
    assert story.faults() == set()


def test_missed_and_skipped_moments_have_to_be_owned_up_to() -> None:
    story = Story(may_miss=True)
    plant_lost_run(story)
    assert story.faults() == {Fault.LOST, Fault.MISCOUNTED}
    story.count(skipped=1)
    assert story.faults() == set()
    story.may_miss = False
    assert story.faults() == {Fault.LOST}


@pytest.mark.parametrize(
    ("runs", "found"),
    [pytest.param(10, set(), id="10"), pytest.param(11, {Fault.OVERLAP}, id="11")],
)
def test_more_than_ten_runs_at_a_time_are_too_many(runs: int, found: set[Fault]) -> None:
    story = Story(spec={"schedule": "* * * * * *"})
    story.calls.clear()
    story.records.clear()
    moments = [later(START, second) for second in range(1, runs + 1)]
    for moment in moments:
        story.fire(moment, RunStatus.SUCCEEDED)
        story.change_record(-1, end_time=later(START, 60))
    story.counters = Counters(succeeded=runs)
    story.watermark = moments[-1]
    report = check([story.task], story.calls, until=moments[-1])
    assert {finding.fault for finding in report.findings} == found


def test_a_one_shot_task_is_demanded_once() -> None:
    story = Story(spec={"type": "Single"})
    assert story.judge().demanded == 1
    assert Fault.UNDEMANDED in story.faults()


@pytest.mark.parametrize(
    ("at", "demanded"),
    [
        pytest.param("2026-01-01T00:00:00Z", 1, id="past when it was set"),
        pytest.param("2026-03-01T12:05:00Z", 1, id="met"),
        pytest.param("2027-01-01T00:00:00Z", 0, id="ahead"),
    ],
)
def test_a_moment_is_demanded_once_it_has_come(at: str, demanded: int) -> None:
    assert Story(spec={"schedule": None, "at": at}).judge().demanded == demanded


def test_a_history_that_was_cut_proves_nothing_missing() -> None:
    story = Story(spec={"historyLimit": 4})
    story.records = story.records[3:]
    assert story.faults() == set()


@pytest.mark.parametrize("counter", ["succeeded", "failed", "retries", "missed", "skipped"])
@pytest.mark.parametrize("error", [1, -1])
def test_a_wrong_counter_is_found_though_the_history_was_cut(counter: str, error: int) -> None:
    story = Story(spec={"historyLimit": 4})
    story.records = story.records[3:]
    story.count(**{counter: getattr(story.counters, counter) + error})
    assert story.faults() == {Fault.MISCOUNTED}


def test_what_a_crash_has_repeated_is_counted_once() -> None:
    story = Story()
    plant_repetition(story)
    story.crashes = [Crash(later(MINUTES[1], 2))]
    assert story.faults() == set()
    story.count(succeeded=7)
    assert story.faults() == {Fault.MISCOUNTED}


def test_a_run_that_reached_no_target_is_counted_as_well() -> None:
    story = Story(may_miss=True)
    plant_lost_call_with_a_record(story)
    story.change_record(1, status=RunStatus.FAILED, code=None)
    story.count(succeeded=5, failed=1)
    (absent, miscounted) = story.judge().findings
    assert (absent.fault, miscounted.fault) == (Fault.LOST, Fault.MISCOUNTED)
    assert "were not fired" in miscounted.text


def test_a_call_of_an_unknown_task_is_found() -> None:
    story = Story()
    story.calls.append(replace(story.calls[0], task="stranger"))
    (finding,) = story.judge().findings
    assert finding.fault is Fault.UNDEMANDED
    assert "stranger" in str(finding)


def test_evidence_is_read_from_requests_and_objects() -> None:
    moment = MINUTES[0]
    request = Received(
        headers={
            "x-crontask-namespace": "default",
            "x-crontask-name": "task",
            "x-crontask-execution-id": run_id(moment),
            "x-crontask-scheduled-time": "2026-03-01T12:01:00Z",
            "x-crontask-attempt": "1",
            "x-crontask-run-type": "Scheduled",
        },
        arrived=moment.timestamp(),
    )
    assert Call.of(request) == Story().calls[0]
    metadata = {
        "namespace": "default",
        "name": "task",
        "uid": "uid",
        "creationTimestamp": "2026-03-01T12:00:00Z",
    }
    task = Story().task
    manifest = {
        "metadata": metadata,
        "spec": msgspec.to_builtins(task.spec),
        "status": msgspec.to_builtins(task.status),
    }
    assert Task.of(manifest) == task

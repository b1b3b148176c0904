"""Faults to plant in a story that is sound, for the tests of its checker."""

from dataclasses import replace

import msgspec

from crontask_core.enums import RunStatus, RunType
from crontask_core.status import ActiveRun, PendingRetry
from tests.support.checker_story import MINUTES, UNTIL, Story, later


def plant_lost_run(story: Story) -> None:
    del story.calls[1], story.records[1]
    story.count(succeeded=5)


def plant_lost_last_run(story: Story) -> None:
    del story.calls[4], story.records[4]
    story.count(succeeded=5)
    story.watermark = MINUTES[3]


def plant_lost_call_with_a_record(story: Story) -> None:
    del story.calls[1]


def plant_lost_retry(story: Story) -> None:
    del story.calls[5], story.records[5]


def plant_lost_manual_run(story: Story) -> None:
    del story.calls[6]


def plant_repetition(story: Story) -> None:
    story.calls.append(replace(story.calls[1], arrived=later(MINUTES[1], 3)))


def plant_second_execution_id(story: Story) -> None:
    begin = later(MINUTES[1], 3)
    story.calls.append(replace(story.calls[1], execution_id="f" * 32, arrived=begin))
    record = msgspec.structs.replace(story.records[1], execution_id="f" * 32, begin_time=begin)
    story.records.append(record)
    story.count(succeeded=7)


def plant_undemanded_run(story: Story) -> None:
    story.fire(later(MINUTES[1], 30), RunStatus.SUCCEEDED)
    story.count(succeeded=7)


def plant_early_run(story: Story) -> None:
    story.change_call(1, arrived=later(MINUTES[1], -0.5))


def plant_third_attempt(story: Story) -> None:
    story.fire(MINUTES[2], RunStatus.SUCCEEDED, attempt=3, run_type=RunType.RETRY, after=20)
    story.count(retries=2)


def plant_attempt_left_out(story: Story) -> None:
    for evidence in (story.change_call, story.change_record):
        evidence(5, attempt=3)


def plant_missing_record(story: Story) -> None:
    del story.records[1]
    story.count(succeeded=5)


def plant_record_without_end(story: Story) -> None:
    story.change_record(1, status=RunStatus.STARTED, end_time=None, code=None)
    story.count(succeeded=5)


def plant_active_run(story: Story) -> None:
    run = story.records[4]
    story.active = (
        ActiveRun(
            execution_id=run.execution_id,
            run_type=run.run_type,
            attempt=1,
            scheduled_time=run.scheduled_time,
            begin_time=run.begin_time,
        ),
    )


def plant_pending_retry(story: Story) -> None:
    run = story.records[2]
    story.pending = (
        PendingRetry(
            execution_id=run.execution_id,
            attempt=3,
            scheduled_time=run.scheduled_time,
            due_time=UNTIL,
            first_begin_time=run.begin_time,
        ),
    )
    story.count(succeeded=5)


def plant_false_success(story: Story) -> None:
    story.fire(MINUTES[4], RunStatus.SUCCEEDED, attempt=2, run_type=RunType.RETRY, after=9)
    story.calls.pop()
    story.count(retries=2)


def plant_two_records_of_one_attempt(story: Story) -> None:
    story.records.append(story.records[0])


def plant_record_of_another_moment(story: Story) -> None:
    story.change_record(1, scheduled_time=later(MINUTES[1], 30))


def plant_record_of_another_type(story: Story) -> None:
    story.change_record(1, run_type=RunType.CATCH_UP)


def plant_disorder(story: Story) -> None:
    moment = later(MINUTES[1], 10)
    story.change_call(0, arrived=moment)
    story.change_record(0, begin_time=moment, end_time=later(moment, 1))


def plant_overlap(story: Story) -> None:
    story.spec["concurrencyPolicy"] = "Forbid"
    story.change_record(0, end_time=later(MINUTES[1], 5))

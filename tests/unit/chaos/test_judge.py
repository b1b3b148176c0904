"""The judge of random stories: what is sound passes, every planted fault is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.evidence import Call
from chaos.history import Span
from chaos.judge import Fault
from chaos.script import Behaviour
from tests.unit.chaos.sound import BEGIN, UID, UNTIL, Story, run_id


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_a_sound_story_passes(behaviour: Behaviour) -> None:
    report = Story(behaviour, period=10 if behaviour is Behaviour.RETRIED else 2).judge()
    assert report.findings == ()
    assert report.repeated == report.lost == 0


def test_the_figures_of_a_story() -> None:
    story = Story(period=1)
    story.repeat(0, after=0.5)
    story.forget(29)
    report = story.judge()
    assert (report.due, report.made, report.lost, report.given_up) == (60, 59, 1, 0)
    assert (report.calls, report.repeated, report.excused) == (61, 1, 0)
    assert report.longest_gap == pytest.approx(2.0)


def lose_a_run(story: Story) -> None:
    story.forget(3)


def lose_a_run_that_a_record_denies(story: Story) -> None:
    del story.calls[3]


def call_between_moments(story: Story) -> None:
    story.serve(BEGIN + 12)


def call_early(story: Story) -> None:
    story.calls[2] = replace(story.calls[2], arrived=BEGIN + 14.9)


def call_again(story: Story) -> None:
    story.repeat(2, after=1.0)


def call_again_as_another_run(story: Story) -> None:
    stranger = replace(story.calls[2], execution_id="f" * 32, arrived=BEGIN + 17)
    story.calls.append(stranger)


def call_for_nobody(story: Story) -> None:
    story.calls.append(replace(story.calls[2], task="stranger"))


def call_once_more_than_asked(story: Story) -> None:
    story.calls.append(replace(story.calls[-1], execution_id="e" * 32))


def retry_without_need(story: Story) -> None:
    story.serve(BEGIN + 15, attempt=2)
    story.count("succeeded", -1)


def leave_out_an_attempt(story: Story) -> None:
    story.serve(BEGIN + 15, attempt=3)
    story.count("succeeded", -1)


def answer_no_request(story: Story) -> None:
    story.forget(-1)


def record_nothing(story: Story) -> None:
    story.account.records.pop((run_id(BEGIN + 15), 1))


def leave_something_under_way(story: Story) -> None:
    story.account.under_way = 1


def count_backwards(story: Story) -> None:
    story.account.went_back.append("succeeded from 5 to 4")


def end_an_operator(story: Story) -> None:
    story.notes.append("operator 1 ended by itself")


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (lose_a_run, {Fault.LOST}),
        (lose_a_run_that_a_record_denies, {Fault.LOST, Fault.UNSEEN, Fault.MISCOUNTED}),
        (call_between_moments, {Fault.UNDEMANDED}),
        (call_early, {Fault.EARLY}),
        (call_again, {Fault.REPEATED}),
        (call_again_as_another_run, {Fault.FOREIGN_ID}),
        (call_for_nobody, {Fault.FOREIGN_ID}),
        (call_once_more_than_asked, {Fault.FOREIGN_ID}),
        (retry_without_need, {Fault.ATTEMPTS}),
        (leave_out_an_attempt, {Fault.ATTEMPTS}),
        (answer_no_request, {Fault.UNANSWERED}),
        (record_nothing, {Fault.UNRECORDED}),
        (leave_something_under_way, {Fault.UNFINISHED}),
        (count_backwards, {Fault.WENT_BACK}),
        (end_an_operator, {Fault.ENDED}),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[Story], None], found: set[Fault]) -> None:
    story = Story()
    plant(story)
    assert story.faults() == found


@pytest.mark.parametrize("counter", ["succeeded", "failed", "retries", "missed", "skipped"])
def test_a_counter_that_is_too_high_is_found(counter: str) -> None:
    story = Story()
    story.count(counter, 1)
    assert story.faults() == {Fault.MISCOUNTED}


def test_a_counter_that_is_too_low_is_found() -> None:
    story = Story(Behaviour.RETRIED, period=10)
    story.count("succeeded", -1)
    story.count("retries", -1)
    assert [finding.fault for finding in story.judge().findings] == [Fault.MISCOUNTED] * 2


def test_what_is_missed_has_to_be_owned_up_to() -> None:
    story = Story(policy="Skip")
    story.forget(3)
    story.count("missed", 1)
    report = story.judge()
    assert report.findings == ()
    assert (report.due, report.made, report.given_up) == (12, 11, 1)


def test_a_retry_that_never_came_is_lost() -> None:
    story = Story(Behaviour.RETRIED, period=10)
    call = story.forget(2)
    story.count("retries", -1)
    assert call.attempt == 3
    story.count("failed", 1)
    assert story.faults() == {Fault.LOST}


def test_two_runs_at_a_time_under_forbid_are_found() -> None:
    story = Story(Behaviour.FORBID, period=2)
    story.count("skipped", -1)
    story.serve(BEGIN + 4)
    assert story.faults() == {Fault.OVERLAP}


def test_a_call_after_a_suspension_is_found() -> None:
    story = Story(period=1)
    story.suspend(BEGIN + 30)
    faults = story.faults()
    assert faults == {Fault.UNDEMANDED, Fault.AFTER_SUSPENSION}


def test_a_moment_before_a_suspension_that_is_called_long_after_it_is_found() -> None:
    story = Story(period=60)
    story.life.change(Span(BEGIN + 61, BEGIN + 61.1), suspended=True)
    story.calls[0] = replace(story.calls[0], arrived=BEGIN + 70)
    assert story.faults() == {Fault.AFTER_SUSPENSION}


def test_a_suspended_task_is_owed_nothing_and_a_resumed_one_is() -> None:
    story = Story(period=1)
    story.suspend(BEGIN + 20, resumed=BEGIN + 40)
    quiet = [call for call in story.calls if BEGIN + 24 <= call.scheduled <= BEGIN + 40]
    for call in quiet:
        story.forget(story.calls.index(call))
    assert story.faults() == set()
    story.forget(next(i for i, call in enumerate(story.calls) if call.scheduled == BEGIN + 50))
    assert story.faults() == {Fault.LOST}


def test_a_call_after_a_deletion_is_found() -> None:
    story = Story()
    story.life.deleted = Span(BEGIN + 29.9, BEGIN + 30)
    assert story.faults() == {Fault.UNDEMANDED, Fault.AFTER_DELETION}
    story.calls = [call for call in story.calls if call.arrived < BEGIN + 32]
    assert story.faults() == set()


def test_a_task_that_was_deleted_was_owed_its_moments() -> None:
    story = Story()
    story.life.deleted = Span(BEGIN + 50, BEGIN + 50.1)
    story.calls = [call for call in story.calls if call.arrived < BEGIN + 50]
    story.forget(2)
    assert story.faults() == {Fault.LOST}


def test_another_schedule_holds_from_the_edit_on() -> None:
    story = Story()
    story.life.change(Span(BEGIN + 31, BEGIN + 31.1), period=15)
    assert story.faults() == {Fault.UNDEMANDED}
    for moment in (40, 50, 55):
        story.forget(next(i for i, c in enumerate(story.calls) if c.scheduled == BEGIN + moment))
    assert story.faults() == set()
    story.forget(next(i for i, c in enumerate(story.calls) if c.scheduled == BEGIN + 60))
    assert story.faults() == {Fault.LOST}


@pytest.mark.parametrize(
    ("moment", "created"),
    [
        pytest.param(BEGIN + 20, BEGIN, id="ahead"),
        pytest.param(BEGIN + 20, BEGIN + 25, id="past when it was set"),
    ],
)
def test_a_moment_of_its_own_is_owed(moment: int, created: int) -> None:
    story = Story(Behaviour.ONCE, period=5)
    story.life.once, story.life.created = moment, created
    while len(story.calls) > 1:
        story.forget(0)
    assert story.faults() == {Fault.LOST}
    story.serve(moment)
    story.calls[-1] = replace(story.calls[-1], arrived=created + 20.1)
    assert story.faults() == set()


def test_a_request_that_another_replaced_unseen_is_owed_no_run() -> None:
    story = Story()
    story.forget(-1)
    asked = story.life.requests["request-1"].acked
    story.life.requests["request-2"] = Span(asked + 1, asked + 1.1)
    assert [f.fault for f in story.judge().findings] == [Fault.UNANSWERED]


def test_moments_after_the_end_of_the_story_are_nobodys_due() -> None:
    story = Story(period=1)
    story.serve(int(UNTIL) + 1)
    assert story.judge().due == 60
    assert story.faults() == set()


def test_a_call_is_read_from_its_headers() -> None:
    headers = {
        "x-crontask-name": "task",
        "x-crontask-execution-id": run_id(BEGIN + 5),
        "x-crontask-scheduled-time": "2026-01-01T00:00:05Z",
        "x-crontask-attempt": "1",
        "x-crontask-run-type": "Scheduled",
    }
    assert UID
    assert Call.of(headers, BEGIN + 5.05) == Story().calls[0]

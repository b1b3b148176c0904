"""What a fault excuses, and what it does not."""

from math import inf

import pytest

from chaos.history import Span
from chaos.judge import Fault
from chaos.script import Behaviour, Kind
from tests.unit.chaos.sound import BEGIN, Story, run_id

CALL = 15
"""The moment, in seconds from the begin, whose call comes again at 25."""


def again() -> Story:
    story = Story()
    story.repeat(2, after=10)
    return story


def recorded(story: Story, at: float) -> None:
    key = (run_id(BEGIN + CALL), 1)
    seen = story.account.records[key]
    story.account.records[key] = type(seen)(seen.status, seen.reason, BEGIN + at)


@pytest.mark.parametrize(
    ("kind", "begin", "end", "record", "is_excused"),
    [
        pytest.param(Kind.KILL, 16, 20, 26, True, id="killed before it was recorded"),
        pytest.param(Kind.KILL, 16, 20, 15.5, False, id="killed when it was recorded"),
        pytest.param(Kind.KILL, 10, 12, 26, False, id="killed before the call"),
        pytest.param(Kind.KILL, 27, 29, inf, False, id="killed after both"),
        pytest.param(Kind.FREEZE, 16, 24, 26, True, id="frozen for long"),
        pytest.param(Kind.FREEZE, 16, 19, 26, False, id="frozen for less than its lease"),
        pytest.param(Kind.TERMINATE, 16, 20, 26, False, id="told to end"),
        pytest.param(Kind.COMPACTION, 16, 16, 26, False, id="compaction"),
        pytest.param(Kind.SILENT, 14, 24, 26, True, id="alone without an API server"),
        pytest.param(Kind.ROLL, 16, 20, 26, False, id="rolling update"),
    ],
)
def test_a_cut_excuses_what_its_owner_could_not_record(
    kind: Kind, begin: float, end: float, record: float, is_excused: bool
) -> None:
    story = again()
    recorded(story, record)
    story.trouble(kind, begin, end)
    report = story.judge()
    assert (report.repeated, report.excused) == (1, int(is_excused))
    assert (Fault.REPEATED in story.faults()) is not is_excused


@pytest.mark.parametrize("kind", [Kind.API_KILL, Kind.API_FREEZE, Kind.ETCD_FREEZE, Kind.SILENT])
def test_an_outage_that_all_share_excuses_no_repetition(kind: Kind) -> None:
    story = again()
    recorded(story, 26)
    story.trouble(kind, 10, 24, operator=None)
    assert story.faults() == {Fault.REPEATED}


def test_who_is_told_to_end_without_an_api_server_is_excused() -> None:
    story = again()
    recorded(story, 26)
    story.trouble(Kind.API_KILL, 10, 24, operator=None)
    story.trouble(Kind.TERMINATE, 16, 20)
    assert story.faults() == set()


def test_an_edit_may_be_followed_late_by_who_does_not_see_it() -> None:
    story = Story(period=1)
    story.suspend(BEGIN + 30)
    calls = [call for call in story.calls if call.scheduled > BEGIN + 50]
    for call in calls:
        story.forget(story.calls.index(call))
    assert Fault.AFTER_SUSPENSION in story.faults()
    story.trouble(Kind.SILENT_OLD, 29, 39, operator=None)
    assert story.faults() == set()
    story.troubles.clear()
    story.trouble(Kind.KILL, 29, 39)
    assert Fault.AFTER_SUSPENSION in story.faults()


def test_a_moment_that_an_edit_takes_the_place_of_in_an_outage_is_no_loss() -> None:
    story = Story(period=1)
    story.suspend(BEGIN + 40)
    for moment in range(30, 61):
        story.forget(next(i for i, c in enumerate(story.calls) if c.scheduled == BEGIN + moment))
    assert story.faults() == {Fault.LOST}
    story.trouble(Kind.API_KILL, 28, 38, operator=None)
    assert story.faults() == set()


def test_what_nobody_may_know_of_may_be_left_uncounted_and_no_more() -> None:
    story = Story()
    key = (run_id(BEGIN + CALL), 1)
    del story.account.records[key]
    story.count("succeeded", -1)
    assert story.faults() == {Fault.UNRECORDED, Fault.MISCOUNTED}
    story.trouble(Kind.KILL, 15.2, 20)
    assert story.faults() == set()
    story.count("succeeded", -1)
    assert story.faults() == {Fault.MISCOUNTED}


def test_an_overlap_is_excused_by_a_cut_alone() -> None:
    story = Story(Behaviour.FORBID, period=2)
    story.count("skipped", -1)
    story.serve(BEGIN + 4)
    story.trouble(Kind.TERMINATE, 3, 4)
    assert story.faults() == {Fault.OVERLAP}
    story.trouble(Kind.KILL, 3, 4)
    assert story.faults() == set()


def test_a_task_that_was_edited_before_it_was_seen_counts_from_its_creation() -> None:
    story = Story(period=20)
    story.life.change(Span(BEGIN + 14.9, BEGIN + 15), period=5)
    for moment in (5, 10, 15, 25, 30, 35, 45, 50, 55):
        story.serve_all(BEGIN + moment)
    assert story.faults() == {Fault.UNDEMANDED}
    story.trouble(Kind.API_FREEZE, 1, 16, operator=None)
    assert story.faults() == set()

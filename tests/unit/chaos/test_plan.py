"""A plan follows from its seed alone, and holds what it should."""

import subprocess
import sys
from itertools import pairwise

import pytest

from chaos.plan import draw
from chaos.profiles import ANYTHING, ROLLING
from chaos.script import TRAITS, Aim, Behaviour, Kind, Lane, Verb

HOUR = 3600


def test_the_same_seed_draws_the_same_story() -> None:
    assert str(draw(7, 60, ANYTHING)) == str(draw(7, 60, ANYTHING))
    assert str(draw(7, 60, ANYTHING)) != str(draw(8, 60, ANYTHING))
    assert str(draw(7, 60, ANYTHING)) != str(draw(7, 61, ANYTHING))


def test_another_process_draws_the_same_story() -> None:
    command = [sys.executable, "-m", "chaos", "--seed", "7", "--seconds", "60", "--plan"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"{draw(7, 60, ANYTHING)}\n"


def test_hours_hold_every_fault_and_every_edit() -> None:
    plan = draw(1, HOUR, ANYTHING)
    assert {fault.kind for fault in plan.faults} == set(Kind) - {Kind.ROLL}
    assert {edit.verb for edit in plan.edits} == set(Verb)
    assert {task.behaviour for task in plan.tasks} == set(Behaviour)


@pytest.mark.parametrize("seed", range(20))
def test_faults_of_one_lane_follow_each_other_and_end_with_the_story(seed: int) -> None:
    plan = draw(seed, 60, ANYTHING)
    assert all(fault.at + fault.seconds <= 60.1 for fault in plan.faults)
    for lane in Lane:
        faults = [fault for fault in plan.faults if TRAITS[fault.kind].lane is lane]
        assert all(first.at + first.seconds < second.at for first, second in pairwise(faults))


def test_faults_meet_whom_they_can() -> None:
    for fault in draw(1, HOUR, ANYTHING).faults:
        aim = TRAITS[fault.kind].aim
        assert aim is Aim.EITHER or (fault.operator is None) == (aim is Aim.ALL)


@pytest.mark.parametrize("seed", range(20))
def test_edits_fit_the_tasks_they_meet(seed: int) -> None:
    plan = draw(seed, 120, ANYTHING)
    edited = {task.name for task in plan.tasks if task.edited}
    absent: set[str] = set()
    for edit in plan.edits:
        assert edit.verb is Verb.RUN_NOW or edit.task in edited
        assert (edit.verb is Verb.CREATE) == (edit.task in absent)
        if edit.verb is Verb.DELETE:
            absent.add(edit.task)
        absent.discard(edit.task if edit.verb is Verb.CREATE else "")


def test_a_rolling_update_replaces_a_replica_every_ten_seconds() -> None:
    plan = draw(1, 120, ROLLING)
    assert len(plan.tasks) == 480
    assert {task.period for task in plan.tasks} == {1, 5}
    assert [fault.at for fault in plan.faults] == list(range(10, 120, 10))
    assert {fault.operator for fault in plan.faults} == {0, 1}
    assert {edit.verb for edit in plan.edits} >= {Verb.SUSPEND, Verb.RESUME, Verb.RESCHEDULE}

"""Whatever happens to a task, a look keeps to what it promises."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import RunType
from crontask_core.status import Plan
from crontask_core.times import rfc3339
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.decisions import look
from crontask_operator.task.state import JobStage, LeaseState, TaskState
from tests.unit.engine.looks import (
    EVERY_10,
    TEXT_BYTES,
    at,
    edit,
    gained,
)
from tests.unit.engine.world import FAIL, OK

SPECS: list[dict[str, Any]] = [
    {"schedule": EVERY_10},
    {"schedule": "* * * * * *", "missedRunPolicy": "All", "retry": {"delaysSeconds": [1, 5]}},
    {"schedule": EVERY_10, "concurrencyPolicy": "Forbid", "missedRunPolicy": "All"},
    {"schedule": "*/3 * * * * *", "concurrencyPolicy": "Replace", "retry": {"delaysSeconds": [4]}},
    {"schedule": EVERY_10, "suspend": True},
    {"at": rfc3339(at(30)), "ttlSecondsAfterFinished": 20},
]


def lives(seed: int) -> Iterator[tuple[TaskState, Actions, datetime]]:
    """Yield each look of a life in which anything may happen."""
    chance = random.Random(seed)  # noqa: S311 - a test's own chance
    state, seconds = gained(**chance.choice(SPECS)), 0.0
    for number in range(200):
        seconds += chance.choice([0, 0.1, 1, 7, 60])
        actions = look(state, at(seconds), TEXT_BYTES)
        yield state, actions, at(seconds)
        for job in actions.start:
            if chance.random() < 0.7:
                job.run(at(seconds))
            elif chance.random() < 0.5:
                job.wait()
        for job in list(state.jobs.values()):
            if job.stage is JobStage.RUNNING and chance.random() < 0.3:
                job.end(chance.choice([OK, FAIL]), at(seconds))
        match chance.randrange(8):
            case 0:
                state.run_request = f"r{number}"
            case 1:
                edit(state, **chance.choice(SPECS))
            case 2:
                state.lease = chance.choice([LeaseState.LOST, LeaseState.DRAINING])
            case 3 if state.lease is not LeaseState.HELD:
                state.lease, state.in_force = LeaseState.HELD, False


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_a_second_look_finds_nothing_to_do(seed: int) -> None:
    for state, actions, now in lives(seed):
        again = look(state, now, TEXT_BYTES)
        assert (again.start, again.cancel, again.notices, again.ended) == ([], [], [], [])
        assert (again.wake_at, again.delete) == (actions.wake_at, actions.delete)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_a_task_keeps_to_its_bounds(seed: int) -> None:
    for state, actions, now in lives(seed):
        assert actions.fault is None
        assert actions.wake_at is None or actions.wake_at >= now
        assert all(job.stage is JobStage.QUEUED for job in actions.start)
        assert {job.key for job in actions.start} <= state.jobs.keys()
        assert len(set(map(id, actions.start))) == len(actions.start)
        stages = [job.stage for job in state.jobs.values()]
        assert JobStage.ENDED not in stages
        manual = [job for job in state.jobs.values() if job.attempt.run_type is RunType.MANUAL]
        assert len(manual) <= MAX_ACTIVE_RUNS
        assert state.lease is LeaseState.HELD or not actions.start
        assert isinstance(state.draft.plan, Plan)

"""Tasks to look at, and what a look decided, for the tests of decisions."""

from datetime import datetime, timedelta
from typing import Any

from crontask_core.times import rfc3339
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.decisions import look
from crontask_operator.task.state import Job, LeaseState, TaskState, read_stored_status
from crontask_operator.task.watch_event import new_state, take_spec
from tests.unit.engine.world import START

EVERY_10 = "*/10 * * * * *"
NEVER = "0 0 1 1 *"
TEXT_BYTES = 4096


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def gained(status: dict[str, Any] | None = None, **spec: Any) -> TaskState:
    """Return a task created at START whose shard has just become ours."""
    spec.setdefault("callback", {"http": {"url": "http://target.example/"}})
    metadata = {
        "name": "task",
        "namespace": "default",
        "uid": "uid-task",
        "generation": 1,
        "creationTimestamp": rfc3339(START),
    }
    body = {"metadata": metadata, "spec": spec}
    state = new_state(body, 1)
    take_spec(state, body)
    state.stored = state.draft = read_stored_status(status)[0]
    state.lease = LeaseState.GAINED
    return state


def edit(state: TaskState, **spec: Any) -> None:
    spec.setdefault("callback", {"http": {"url": "http://target.example/"}})
    take_spec(state, {"metadata": {"generation": state.generation + 1}, "spec": spec})


def started(actions: Actions) -> list[str]:
    return [f"{job.attempt.run_type} {job.attempt.attempt}" for job in actions.start]


def told(actions: Actions) -> list[str]:
    return [notice.reason for notice, _ in actions.notices]


def start_all(actions: Actions, seconds: float) -> list[Job]:
    """Do what the dispatcher does with the jobs that a look gives it."""
    for job in actions.start:
        job.run(at(seconds))
    return actions.start


def running(seconds: float, **spec: Any) -> tuple[TaskState, Job]:
    """Return a task whose first run has been in flight since `seconds`."""
    state = gained(**spec)
    look(state, at(0), TEXT_BYTES)
    (job,) = start_all(look(state, at(seconds), TEXT_BYTES), seconds)
    return state, job

"""conditions keeps phase and conditions of a task's status in line with what happens."""

from datetime import datetime, timedelta
from typing import Final

from crontask_core.enums import Phase
from crontask_core.status import Condition
from crontask_core.truncate import truncate
from crontask_operator.task.state import TaskState

ACCEPTED = "Accepted"
FINISHED = "Finished"

MESSAGE_BYTES: Final = 2048
"""Bytes of a condition's message, which may repeat what a target or an author wrote."""


def finish(state: TaskState, phase: Phase, error: str, now: datetime) -> None:
    """End a one-shot task as Succeeded or Failed."""
    message = error or "The task ran once, as it was meant to."
    state.update(phase=phase, next_run_time=None)
    _set_condition(state, FINISHED, True, phase.value, message, now)


def rearm(state: TaskState) -> None:
    """Take back that a one-shot task finished: its schedule was changed."""
    conditions = tuple(item for item in state.draft.conditions if item.type != FINISHED)
    state.update(conditions=conditions, phase=Phase.ACTIVE)


def is_finished(state: TaskState) -> bool:
    """Tell whether a one-shot task has run, or was missed for good."""
    return finished_time(state) is not None


def finished_time(state: TaskState) -> datetime | None:
    """Return when a one-shot task finished; None if it has not."""
    for condition in state.draft.conditions:
        if condition.type == FINISHED:
            return condition.last_transition_time
    return None


def deletion_time(state: TaskState) -> datetime | None:
    """Return when ``ttlSecondsAfterFinished`` deletes the task; None for never."""
    finished = finished_time(state)
    ttl = state.spec.ttl_seconds_after_finished if state.spec is not None else None
    if finished is None or ttl is None:
        return None
    return finished + timedelta(seconds=ttl)


def settle(state: TaskState, now: datetime) -> None:
    """Bring phase and Accepted condition in line with the spec and its compilation."""
    if state.problem is not None:
        state.update(phase=Phase.INVALID, next_run_time=None)
        _set_condition(state, ACCEPTED, False, state.problem.code, str(state.problem), now)
        return
    _set_condition(state, ACCEPTED, True, "Accepted", "The spec is valid.", now)
    if is_finished(state):
        return
    suspended = state.spec is not None and state.spec.suspend
    state.update(phase=Phase.SUSPENDED if suspended else Phase.ACTIVE)


def _set_condition(
    state: TaskState, kind: str, holds: bool, reason: str, message: str, now: datetime
) -> None:
    status = "True" if holds else "False"
    conditions = {item.type: item for item in state.draft.conditions}
    before = conditions.get(kind)
    # Only a change of status is a transition; a new reason or message is not.
    unchanged = before is not None and before.status == status
    conditions[kind] = Condition(
        type=kind,
        status=status,
        reason=reason,
        message=truncate(message, MESSAGE_BYTES),
        last_transition_time=before.last_transition_time if before and unchanged else now,
        observed_generation=state.generation,
    )
    state.update(conditions=tuple(conditions.values()))

"""conditions keeps phase and conditions of a task's status in line with what happens.

Ready and Stalled are for tools that know no CronTask: kubectl, Helm, Flux, Argo CD. They
follow the phase, which no run of a recurring task changes, so that no run flaps them.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from crontask_core.enums import Phase
from crontask_core.status import Condition
from crontask_core.truncate import truncate
from crontask_operator.task.state import StoredStatus, TaskState

ACCEPTED = "Accepted"
READY = "Ready"
STALLED = "Stalled"
"""There only while it holds, as kstatus wants conditions of what is not normal."""
FINISHED = "Finished"
AHEAD_OF_CLOCK = "AheadOfClock"

ORDER: Final = (ACCEPTED, READY, STALLED, FINISHED, AHEAD_OF_CLOCK)
"""As they are listed; those that somebody else wrote follow."""

FOR_TOOLS: Final = (READY, STALLED)
"""Conditions that repeat what the others and the phase say."""

DONE: Final = "The task ran once, as it was meant to."

MESSAGE_BYTES: Final = 2048
"""Bytes of a condition's message, which may repeat what a target or an author wrote."""


def finish(state: TaskState, phase: Phase, error: str, now: datetime) -> None:
    """End a one-shot task as Succeeded or Failed."""
    message = error or DONE
    state.update(phase=phase, next_run_time=None)
    _set_ready(state, phase is Phase.SUCCEEDED, phase.value, message, now)
    _set_condition(state, FINISHED, True, phase.value, message, now)


def rearm(state: TaskState) -> None:
    """Take back that a one-shot task finished: its schedule was changed."""
    conditions = tuple(item for item in state.draft.conditions if item.type != FINISHED)
    state.update(conditions=conditions, phase=Phase.ACTIVE)


def is_finished(state: TaskState) -> bool:
    """Tell whether a one-shot task has run, or was missed for good."""
    return _finished(state) is not None


def finished_time(state: TaskState) -> datetime | None:
    """Return when a one-shot task finished; None if it has not."""
    finished = _finished(state)
    return None if finished is None else finished.last_transition_time


def set_finished_time(state: TaskState, moment: datetime) -> None:
    """Have a finished task count as finished at `moment`."""
    conditions = tuple(
        msgspec.structs.replace(item, last_transition_time=moment)
        if item.type == FINISHED
        else item
        for item in state.draft.conditions
    )
    state.update(conditions=conditions)


def deletion_time(state: TaskState) -> datetime | None:
    """Return when ``ttlSecondsAfterFinished`` deletes the task; None for never."""
    finished = _finished(state)
    ttl = state.spec.ttl_seconds_after_finished if state.spec is not None else None
    if finished is None or ttl is None:
        return None
    return finished.last_transition_time + timedelta(seconds=ttl)


def settle(state: TaskState, now: datetime) -> None:
    """Bring phase and conditions in line with the spec and its compilation."""
    if state.problem is not None:
        reason, message = state.problem.code, str(state.problem)
        state.update(phase=Phase.INVALID, next_run_time=None)
        _set_condition(state, ACCEPTED, False, reason, message, now)
        _set_ready(state, False, reason, message, now)
        return
    _set_condition(state, ACCEPTED, True, "Accepted", "The spec is valid.", now)
    finished = _finished(state)
    if finished is not None:
        phase = Phase.FAILED if finished.reason == Phase.FAILED else Phase.SUCCEEDED
        message = finished.message
    elif state.spec is not None and state.spec.suspend:
        phase, message = Phase.SUSPENDED, "The task is suspended: it runs when it is asked to."
    else:
        phase, message = Phase.ACTIVE, "The task runs whenever it is due."
    state.update(phase=phase)
    _set_ready(state, phase is not Phase.FAILED, phase.value, message, now)


def differ_for_tools_alone(first: StoredStatus, second: StoredStatus) -> bool:
    """Tell whether two statuses say the same but for the conditions `FOR_TOOLS`."""
    return _without_those_for_tools(first) == _without_those_for_tools(second)


def _without_those_for_tools(status: StoredStatus) -> StoredStatus:
    others = tuple(item for item in status.conditions if item.type not in FOR_TOOLS)
    return msgspec.structs.replace(status, conditions=others)


def _finished(state: TaskState) -> Condition | None:
    for condition in state.draft.conditions:
        if condition.type == FINISHED:
            return condition
    return None


def _set_ready(state: TaskState, holds: bool, reason: str, message: str, now: datetime) -> None:
    """Say whether the task is as it was meant to be, or waits for somebody to mend it."""
    _set_condition(state, READY, holds, reason, message, now)
    if not holds:
        _set_condition(state, STALLED, True, reason, message, now)
    elif any(item.type == STALLED for item in state.draft.conditions):
        others = tuple(item for item in state.draft.conditions if item.type != STALLED)
        state.update(conditions=others)


def is_ahead(state: TaskState) -> bool:
    """Tell whether the status says that moments in it were ahead of the clock."""
    return any(item.type == AHEAD_OF_CLOCK for item in state.draft.conditions)


def show_ahead(state: TaskState, message: str, now: datetime) -> None:
    """Show that moments of the status were ahead of the clock and were set right."""
    _set_condition(state, AHEAD_OF_CLOCK, True, "SetRight", message, now)


def show_in_time(state: TaskState) -> None:
    """Show no longer that moments were ahead of the clock."""
    conditions = tuple(item for item in state.draft.conditions if item.type != AHEAD_OF_CLOCK)
    state.update(conditions=conditions)


def _set_condition(
    state: TaskState, kind: str, holds: bool, reason: str, message: str, now: datetime
) -> None:
    status = "True" if holds else "False"
    conditions = {item.type: item for item in state.draft.conditions}
    before = conditions.get(kind)
    # Only a change of status is a transition; a new reason or message is not.
    unchanged = before is not None and before.status == status
    condition = Condition(
        type=kind,
        status=status,
        reason=reason,
        message=truncate(message, MESSAGE_BYTES),
        last_transition_time=before.last_transition_time if before and unchanged else now,
        observed_generation=state.generation,
    )
    if condition == before:
        # A start looks at every task, and nearly all are as they were.
        return
    conditions[kind] = condition
    # False goes before True.
    listed = sorted(
        conditions.values(),
        key=lambda item: (item.type not in ORDER, item.type in ORDER and ORDER.index(item.type)),
    )
    state.update(conditions=tuple(listed))

"""urgency says, for the recorder, which news of a task's status cannot wait.

Where a history is kept, a run like the one before is in it, and the status may say so a
little later. What a person, a tool or a successor waits for may not.
"""

from typing import Final

from crontask_core.enums import RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.status import RunRecord
from crontask_operator.task.state import StoredStatus, TaskState

LONG_SECONDS: Final = 30.0
"""The end of a call that took longer is written at once: a successor looks in the history
for attempts by their begin, and not so far back."""


def is_urgent(state: TaskState) -> bool:
    """Tell whether `state` has something that the API should hold as soon as possible."""
    draft, stored = state.draft, state.stored
    return (
        # A former owner's late records: nobody gathers more of them.
        not state.owned
        or _is_another_state(draft, stored)
        or any(retry not in stored.pending_retries for retry in state.retries.values())
        or any(_is_awaited(state, record) for record in state.unsaved)
    )


def _is_another_state(draft: StoredStatus, stored: StoredStatus) -> bool:
    return (
        (stored.last_run is None and draft.last_run is not None)
        or bool(draft.consecutive_failures) != bool(stored.consecutive_failures)
        or draft.phase != stored.phase
        or draft.conditions != stored.conditions
        or draft.plan != stored.plan
        or draft.observed_generation != stored.observed_generation
        or draft.handled_run_request != stored.handled_run_request
        or draft.handled_redrives != stored.handled_redrives
    )


def _is_awaited(state: TaskState, record: RunRecord) -> bool:
    """Tell whether `record` is of a call that is in flight, was asked for, or took long."""
    if record.end_time is None:
        return record.key in state.jobs
    if (record.end_time - record.begin_time).total_seconds() > LONG_SECONDS:
        return True
    if record.run_type is RunType.RETRY:
        scheduled = scheduled_execution_id(state.uid, record.scheduled_time)
        return record.execution_id != scheduled
    return record.run_type is RunType.MANUAL

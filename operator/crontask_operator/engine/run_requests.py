"""run_requests answers whoever asks for a run now, by an annotation, as far as there is room.

The annotation holds one value, the latest. While as many runs on request are under way as
may be, it stays unanswered: it is in the object, so nothing has to be stored, and a
successor finds it. One that is replaced before it was answered leaves a record that says
so, since whoever asked may know the id of the run and wait for it.
"""

from datetime import datetime

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import RunType
from crontask_core.identity import manual_execution_id, request_mark
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.admission import begin
from crontask_operator.engine.attempt_outcome import keep_record
from crontask_operator.task.attempt_record import dropped_record
from crontask_operator.task.counters import count
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState


def answer_request(state: TaskState, now: datetime, actions: Actions) -> None:
    """Begin the run that is asked for, unless that was done or has to wait."""
    request = state.run_request
    if not request or state.spec is None or request == state.draft.handled_run_request:
        state.waiting_request = ""
    elif request == request_mark(state.draft.handled_run_request):
        # An earlier version kept the whole of it.
        state.update(handled_run_request=request)
    elif state.manual_runs() < MAX_ACTIVE_RUNS:
        state.waiting_request = ""
        state.update(handled_run_request=request)
        # Asking twice is no overlap by accident, so no policy is asked.
        begin(state, manual_execution_id(state.uid, request), RunType.MANUAL, 1, now, now, actions)
    elif request != state.waiting_request:
        _wait(state, request, now, actions)


def can_answer_waiting(state: TaskState) -> bool:
    """Tell whether a request that waited can be answered now."""
    return bool(state.waiting_request) and state.manual_runs() < MAX_ACTIVE_RUNS


def _wait(state: TaskState, request: str, now: datetime, actions: Actions) -> None:
    dropped, state.waiting_request = state.waiting_request, request
    why = f"{MAX_ACTIVE_RUNS} runs on request are under way already"
    message = f"{why}; the latest request waits for one of them to end."
    actions.notices.append((Notice.REQUEST_WAITS, message))
    if dropped:
        execution_id = manual_execution_id(state.uid, dropped)
        error = f"{why}, and a newer request took the place of this one"
        count(state, skipped=1)
        keep_record(state, dropped_record(state, execution_id, error, now), now)
        actions.write = True

"""run_requests answers whoever asks for a run now, by an annotation, as far as there is room.

The annotation holds one value, the latest. While as many runs on request are under way as
may be, it stays unanswered: it is in the object, so nothing has to be stored, and a
successor finds it. One that is replaced before it was answered leaves a record that says
so, since whoever asked may know the id of the run and wait for it.

Another annotation names up to ten runs that are to be made again. The status names those that
were, for as long as the annotation does, so that each is made once; whoever removes an
entry may ask for it anew.
"""

from datetime import datetime

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import RunType
from crontask_core.identity import manual_execution_id, request_mark
from crontask_core.redrive import Redrive, redrive_execution_id
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


def answer_redrives(state: TaskState, now: datetime, actions: Actions) -> None:
    """Begin the runs that are to be made again, as many as there is room for.

    They are due when the runs were that failed, so a target learns which work is meant.
    """
    if state.spec is None:
        return
    _forget_answered(state, actions)
    for redrive in waiting_redrives(state):
        if state.manual_runs() >= MAX_ACTIVE_RUNS:
            break
        take_for_answered(state, redrive.execution_id)
        execution_id = redrive_execution_id(state.uid, redrive.execution_id)
        due = min(redrive.scheduled_time, now)
        begin(
            state, execution_id, RunType.MANUAL, 1, due, now, actions,
            redrive_of=redrive.execution_id,
        )  # fmt: skip


def waiting_redrives(state: TaskState) -> list[Redrive]:
    """Return the runs that are to be made again and were not yet."""
    answered = state.draft.handled_redrives
    return [redrive for redrive in state.redrives if redrive.execution_id not in answered]


def take_for_answered(state: TaskState, execution_id: str) -> None:
    """Take note that the run `execution_id` was made again.

    Those that are not asked for any more are forgotten, so there are never many.
    """
    asked_for = {redrive.execution_id for redrive in state.redrives}
    answered = [each for each in state.draft.handled_redrives if each in asked_for - {execution_id}]
    state.update(handled_redrives=(*answered, execution_id))


def _forget_answered(state: TaskState, actions: Actions) -> None:
    """Forget runs that are not asked for any more, but for what is still under way."""
    answered = state.draft.handled_redrives
    if not answered:
        return
    wanted = {redrive.execution_id for redrive in state.redrives}
    under_way = {run for run, _ in state.jobs} | state.retries.keys()
    kept = tuple(
        run
        for run in answered
        if run in wanted or redrive_execution_id(state.uid, run) in under_way
    )
    if kept != answered:
        state.update(handled_redrives=kept)
        actions.write = True


def can_answer_waiting(state: TaskState) -> bool:
    """Tell whether a request that waited can be answered now."""
    waits = bool(state.waiting_request) or bool(waiting_redrives(state))
    return waits and state.manual_runs() < MAX_ACTIVE_RUNS


def _wait(state: TaskState, request: str, now: datetime, actions: Actions) -> None:
    dropped, state.waiting_request = state.waiting_request, request
    why = f"{MAX_ACTIVE_RUNS} runs on request are under way already"
    message = f"{why}; the latest request waits for one of them to end."
    actions.notices.append((Notice.REQUEST_WAITS, message))
    if dropped:
        execution_id = manual_execution_id(state.uid, dropped)
        error = f"{why}, and a newer request took the place of this one"
        count(state, skipped=1)
        record = dropped_record(state, execution_id, error, now)
        keep_record(state, record, now)
        actions.unmade.append(record)
        actions.write = True

"""RunRequests answers who asks for a run now, by an annotation, as far as there is room.

The annotation holds one value, the latest. While as many runs on request are under way as
may be, it stays unanswered: it is in the object, so nothing has to be stored, and a
successor finds it. One that is replaced before it was answered leaves a record that says
so, since whoever asked may know the id of the run and wait for it.
"""

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.identity import manual_execution_id, request_mark
from crontask_operator.engine.runs import Runs
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import TaskState


class RunRequests:
    """Begins runs on request, at most `MAX_ACTIVE_RUNS` of a task at a time."""

    def __init__(self, runs: Runs, *, notify: Notify) -> None:
        self._runs = runs
        self._notify = notify

    def answer(self, state: TaskState) -> None:
        """Begin the run that is asked for, unless that was done or has to wait."""
        request = state.run_request
        if not request or state.spec is None or request == state.draft.handled_run_request:
            state.waiting_request = ""
            return
        if request == request_mark(state.draft.handled_run_request):
            # An earlier version kept the whole of it.
            state.update(handled_run_request=request)
            return
        if self._has_room(state):
            state.waiting_request = ""
            state.update(handled_run_request=request)
            self._runs.begin_manual(state, manual_execution_id(state.uid, request))
        elif request != state.waiting_request:
            self._wait(state, request)

    def can_go_on(self, state: TaskState) -> bool:
        """Tell whether a request that waited can be answered now."""
        return bool(state.waiting_request) and state.manual_runs() < MAX_ACTIVE_RUNS

    def _wait(self, state: TaskState, request: str) -> None:
        dropped, state.waiting_request = state.waiting_request, request
        why = f"{MAX_ACTIVE_RUNS} runs on request are under way already"
        self._notify(
            state, Notice.REQUEST_WAITS, f"{why}; the latest request waits for one of them to end."
        )
        if dropped:
            self._runs.record_dropped(
                state,
                manual_execution_id(state.uid, dropped),
                f"{why}, and a newer request took the place of this one",
            )

    def _has_room(self, state: TaskState) -> bool:
        # Under load an end is told late.
        self._runs.report_ended(state)
        return state.manual_runs() < MAX_ACTIVE_RUNS

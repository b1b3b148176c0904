"""What time brings: a look at one task does whatever is due for it.

Everything that can make something due ends in a look: a new or changed object, a
moment that has come, a retry, a request for a run now, a lease that was gained. So a
lost event, a restart and a late timer need no code of their own.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from crontask_core.enums import Phase
from crontask_core.planning import due_runs, next_plan
from crontask_core.times import to_milliseconds
from crontask_operator.engine.run_requests import RunRequests
from crontask_operator.engine.runs import Runs
from crontask_operator.engine.ticker import Ticker
from crontask_operator.process.clock import Clock
from crontask_operator.process.metrics import MISSED
from crontask_operator.task.conditions import deletion_time, finish, is_finished, rearm, settle
from crontask_operator.task.counters import count
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import compile_plan

logger = logging.getLogger(__name__)

AGAIN_AFTER_FAULT = timedelta(minutes=1)
"""When to look again at a task whose handling failed for a reason nobody foresaw, or
whose deletion the API server has not confirmed."""


class Planner:
    """Looks at tasks that this process owns.

    Parameters
    ----------
    changed
        Called with a task whose status has something new to be written.
    delete
        Deletes the object of a finished one-shot task whose time to live is over.
    notify
        Called with what a person should be told about a task.
    """

    def __init__(
        self,
        clock: Clock,
        ticker: Ticker,
        runs: Runs,
        *,
        changed: Callable[[TaskState], None],
        delete: Callable[[TaskState], None],
        notify: Notify,
    ) -> None:
        self._clock = clock
        self._ticker = ticker
        self._runs = runs
        self._changed = changed
        self._delete = delete
        self._notify = notify
        self._requests = RunRequests(runs, notify=notify)

    def plan(self, state: TaskState) -> None:
        """Put the spec in force, do what is due by it, and show both in the status."""
        now = to_milliseconds(self._clock.now())
        if state.spec is not None:
            before = state.draft.plan
            plan = next_plan(state.spec, before, created=state.created, now=now)
            if before is not None and before.fingerprint != plan.fingerprint:
                rearm(state)
            if before is not None and plan is not before:
                self._runs.give_up_waiting(state)
            state.update(plan=plan)
            compile_plan(state)
        was_invalid = state.draft.phase is Phase.INVALID
        settle(state, now)
        if state.problem is not None and not was_invalid:
            self._notify(state, Notice.INVALID, str(state.problem))
        state.update(observed_generation=state.generation)
        self.look(state)
        if state.draft != state.stored:
            self._changed(state)

    def look(self, state: TaskState) -> None:
        """Do whatever is due for this task by now, and plan the next look."""
        now = self._clock.now()
        try:
            self._requests.answer(state)
            for retry in list(state.retries.values()):
                if retry.due_time <= now:
                    self._runs.begin_retry(state, retry)
            state.update(next_run_time=self._begin_due_runs(state, now))
        except Exception:
            # A fault in one task must neither stop the others nor end this one for good.
            logger.exception("A task could not be handled.", extra=state.log_fields)
            self._ticker.schedule(state.uid, now + AGAIN_AFTER_FAULT)
            return
        deletion = deletion_time(state)
        if deletion is not None and deletion <= now:
            self._delete(state)
            self._ticker.schedule(state.uid, now + AGAIN_AFTER_FAULT)
            return
        self.schedule(state)

    def schedule(self, state: TaskState) -> None:
        """Have the task looked at when the first thing is due for it."""
        if not state.owned:
            return
        moments = [
            state.draft.next_run_time,
            deletion_time(state),
            self._clock.now() if self._requests.can_go_on(state) else None,
            *(retry.due_time for retry in state.retries.values()),
        ]
        self._ticker.schedule(state.uid, min(filter(None, moments), default=None))

    def _begin_due_runs(self, state: TaskState, now: datetime) -> datetime | None:
        spec, plan = state.spec, state.draft.plan
        if spec is None or plan is None or state.schedule is None or spec.suspend:
            return None
        if is_finished(state) or state.one_shot_under_way():
            return None
        due = due_runs(spec, state.schedule, plan, state.draft.last_scheduled_time, now)
        if due.watermark is not None:
            state.update(last_scheduled_time=due.watermark)
        self._runs.begin_due(state, due.runs)
        if due.missed:
            MISSED.inc(due.missed)
            count(state, missed=due.missed)
            self._notify(state, Notice.RUNS_MISSED, f"{due.missed} runs were missed.")
            self._changed(state)
        if due.expired and due.watermark is not None:
            message = "The only run of the task was missed."
            self._runs.record_missed(state, due.watermark, message)
            finish(state, Phase.FAILED, message, now)
            self._notify(state, Notice.FAILED, message)
        return due.next_run

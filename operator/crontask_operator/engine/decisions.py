"""decisions looks at one task and decides what is due for it, for the engine to carry out.

Everything that can make something due ends in a look: a new or changed object, a moment
that has come, a retry, a request for a run now, a lease that was gained, an attempt that
has ended. So a lost event, a restart and a late timer need no code of their own.

A look changes the task's state and nothing else. It waits for nothing and reads no clock.
"""

from datetime import datetime, timedelta

from crontask_core.enums import Phase, Reason, RunType
from crontask_core.planning import due_runs, next_plan
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.admission import begin, begin_due, cancel_jobs, start_waiting
from crontask_operator.engine.ahead_of_clock import see_it_pass, set_right
from crontask_operator.engine.attempt_outcome import keep_record, take_in_ended
from crontask_operator.engine.past_attempts import (
    keep_unknown,
    last_attempts,
    pass_over,
    take_in_past,
)
from crontask_operator.engine.run_requests import (
    answer_redrives,
    answer_request,
    can_answer_waiting,
)
from crontask_operator.task.attempt_record import missed_record
from crontask_operator.task.conditions import (
    deletion_time,
    differ_for_tools_alone,
    finish,
    is_finished,
    rearm,
    settle,
)
from crontask_operator.task.counters import count
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import LeaseState, TaskState
from crontask_operator.task.watch_event import compile_plan

AGAIN_AFTER_FAULT = timedelta(minutes=1)
"""When to look again at a task whose handling failed for a reason nobody foresaw, or
whose deletion the API server has not confirmed."""


SOON = timedelta(seconds=15)
"""Who is due within this time gets its first status at once, however many tasks there are."""


def look(state: TaskState, now: datetime, text_bytes: int) -> Actions:
    """Do in `state` whatever is due by `now`, and return what is to be done elsewhere.

    `text_bytes` bounds each text that a record keeps.
    """
    actions = Actions()
    try:
        _decide(state, now, text_bytes, actions)
    except Exception as fault:
        # A fault in one task must neither stop the others nor end this one for good.
        actions.fault, actions.wake_at, actions.write = fault, now + AGAIN_AFTER_FAULT, True
    return actions


def _decide(state: TaskState, now: datetime, text_bytes: int, actions: Actions) -> None:
    if state.gone:
        state.retries.clear()
        cancel_jobs(state, Reason.CANCELLED, now, actions)
    elif state.lease is LeaseState.GAINED:
        _go_on_from_status(state, now, actions)
    fires = state.lease is LeaseState.HELD and not state.gone
    is_new = fires and not state.in_force
    if is_new:
        _put_in_force(state, now, actions)
    if state.past and fires:
        take_in_past(state, now, actions)
    take_in_ended(state, text_bytes, actions)
    if not fires:
        return
    start_waiting(state, actions)
    answer_request(state, now, actions)
    answer_redrives(state, now, actions)
    _begin_retries(state, now, actions)
    next_run = state.draft.next_run_time
    if is_new or next_run is None or next_run <= now:
        _begin_due_runs(state, now, actions)
        pass_over(state)
        # Those whose place a due run took.
        take_in_ended(state, text_bytes, actions)
    if is_new or state.ahead_until is not None:
        see_it_pass(state, now, actions)
    if is_new and state.draft != state.stored:
        actions.write_later = not actions.write and _is_in_no_hurry(state, now)
        actions.write_slowly = not actions.write and _is_of_an_earlier_version(state)
        actions.write = True
    _set_alarm(state, now, actions)


def _go_on_from_status(state: TaskState, now: datetime, actions: Actions) -> None:
    keep_unknown(state)
    ended = last_attempts(state)
    state.retries = {
        retry.execution_id: retry
        for retry in state.draft.pending_retries
        if retry.attempt > ended.get(retry.execution_id, 0)
    }
    for run in state.draft.active:
        if run.attempt <= ended.get(run.execution_id, 0):
            continue
        # An earlier owner did not get to record the outcome of this attempt, or to begin it.
        first_begin = None if run.waiting else min(run.first_begin_time or run.begin_time, now)
        begin(
            state, run.execution_id, run.run_type, run.attempt, run.scheduled_time, now, actions,
            first_begin=first_begin, redrive_of=run.redrive_of,
        )  # fmt: skip
    state.lease = LeaseState.HELD


def _begin_retries(state: TaskState, now: datetime, actions: Actions) -> None:
    for run in [retry for retry in state.retries.values() if retry.due_time <= now]:
        del state.retries[run.execution_id]
        begin(
            state, run.execution_id, RunType.RETRY, run.attempt, run.scheduled_time, now, actions,
            first_begin=run.first_begin_time, redrive_of=run.redrive_of,
        )  # fmt: skip


def _put_in_force(state: TaskState, now: datetime, actions: Actions) -> None:
    """Go by the spec as it is now, and show in the status what comes of it."""
    if state.spec is not None:
        before = state.draft.plan
        plan = next_plan(state.spec, before, created=state.created, now=now)
        if before is not None and before.fingerprint != plan.fingerprint:
            rearm(state)
        if before is not None and plan is not before and (given_up := state.give_up_waiting()):
            count(state, missed=given_up)
        state.update(plan=plan)
        compile_plan(state)
        set_right(state, now, actions)
    was_invalid = state.draft.phase is Phase.INVALID
    settle(state, now)
    if state.problem is not None and not was_invalid:
        actions.notices.append((Notice.INVALID, str(state.problem)))
    state.update(observed_generation=state.generation)
    state.in_force = True


def _is_in_no_hurry(state: TaskState, now: datetime) -> bool:
    next_run = state.draft.next_run_time
    return (
        not _has_status(state)
        and not (state.jobs or state.unsaved)
        and (next_run is None or next_run - now > SOON)
    )


def _is_of_an_earlier_version(state: TaskState) -> bool:
    """Tell whether the status says all there is to say, as before there was a Ready."""
    return (
        _has_status(state)
        and not (state.jobs or state.unsaved)
        and differ_for_tools_alone(state.draft, state.stored)
    )


def _has_status(state: TaskState) -> bool:
    """Tell whether an operator ever wrote the status; the definition has a default for it."""
    return state.stored.observed_generation > 0


def _begin_due_runs(state: TaskState, now: datetime, actions: Actions) -> None:
    spec, plan, schedule = state.spec, state.draft.plan, state.schedule
    if (
        spec is None
        or plan is None
        or schedule is None
        or spec.suspend
        or is_finished(state)
        or state.one_shot_under_way()
    ):
        if state.draft.next_run_time is not None:
            state.update(next_run_time=None)
        return
    watermark = state.draft.last_scheduled_time
    due = due_runs(spec, schedule, plan, watermark, now, made=state.made)
    state.update(
        last_scheduled_time=due.watermark or watermark,
        next_run_time=due.next_run,
    )
    begin_due(state, due.runs, now, actions, reached=watermark)
    if due.missed:
        count(state, missed=due.missed)
        actions.notices.append((Notice.RUNS_MISSED, f"{due.missed} runs were missed."))
        actions.write = True
    if due.expired and due.watermark is not None:
        message = "The only run of the task was missed."
        record = missed_record(state, due.watermark, message, now)
        keep_record(state, record, now)
        actions.unmade.append(record)
        finish(state, Phase.FAILED, message, now)
        actions.notices.append((Notice.FAILED, message))


def _set_alarm(state: TaskState, now: datetime, actions: Actions) -> None:
    """Have the task looked at when the first thing is due for it."""
    deletion = deletion_time(state)
    if deletion is not None and deletion <= now:
        actions.delete, actions.wake_at = True, now + AGAIN_AFTER_FAULT
        return
    moments = [retry.due_time for retry in state.retries.values()]
    if state.draft.next_run_time is not None:
        moments.append(state.draft.next_run_time)
    if deletion is not None:
        moments.append(deletion)
    if state.ahead_until is not None:
        moments.append(state.ahead_until)
    if can_answer_waiting(state):
        moments.append(now)
    actions.wake_at = min(moments, default=None)

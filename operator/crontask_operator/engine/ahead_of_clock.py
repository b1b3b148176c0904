"""ahead_of_clock sets right, for decisions, moments of a status that are yet to come.

A node whose clock was wrong for a while, a restored backup or a person may leave a task
that was last scheduled tomorrow. Nothing would be due for it until then, and nothing would
say why. So such a moment is taken for wrong: the task counts from now on, and says so.

Runs that a clock ahead of ours has begun keep their names in the history; they are not
made again when their moments come.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from crontask_core.constants import LATE_SECONDS
from crontask_core.retries import longest_delay
from crontask_core.schedule.every import Every
from crontask_core.status import PendingRetry
from crontask_core.times import rfc3339
from crontask_operator.engine.actions import Actions
from crontask_operator.task.conditions import (
    finished_time,
    is_ahead,
    set_finished_time,
    show_ahead,
    show_in_time,
)
from crontask_operator.task.notices import Notice
from crontask_operator.task.run_history import runs_after
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import compile_plan

ALLOWED_SKEW: Final = timedelta(seconds=LATE_SECONDS)
"""Clocks of two nodes may differ by this: a moment may be reached late by as much."""


def set_right(state: TaskState, now: datetime, actions: Actions) -> None:
    """Have `state` count from `now` where its status counts from later, and tell of it.

    The draft's plan has to be that of the spec already.
    """
    wrong = {
        **_watermark(state, now),
        **_plan(state, now),
        **_retries(state, now),
        **_end(state, now),
    }
    if wrong:
        message = "; ".join(
            f"{field} was {rfc3339(moment)}, {(moment - now).total_seconds():.0f} s ahead of the"
            f" clock: it counts from {rfc3339(now)} on"
            for field, moment in wrong.items()
        )
        show_ahead(state, message, now)
        actions.notices.append((Notice.AHEAD_OF_CLOCK, message))
        actions.write = True
        state.ahead_until = max(wrong.values())
    if is_ahead(state):
        _remember_what_was_made(state, now)


def see_it_pass(state: TaskState, now: datetime, actions: Actions) -> None:
    """Take note once the clock has come to the moments that were ahead of it."""
    if is_ahead(state) and (state.ahead_until is None or state.ahead_until <= now):
        state.ahead_until, state.made_ahead = None, frozenset()
        show_in_time(state)
        actions.write = True


def _is_wrong(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment - now > ALLOWED_SKEW


def _watermark(state: TaskState, now: datetime) -> dict[str, datetime]:
    moment = state.draft.last_scheduled_time
    if moment is None or not _is_wrong(moment, now):
        return {}
    state.update(last_scheduled_time=now)
    return {"status.lastScheduledTime": moment}


def _plan(state: TaskState, now: datetime) -> dict[str, datetime]:
    plan = state.draft.plan
    if plan is None:
        return {}
    wrong: dict[str, datetime] = {}
    if _is_wrong(plan.since, now):
        wrong["status.plan.since"] = plan.since
        plan = msgspec.structs.replace(plan, since=_on_the_grid(state, plan.since, now))
    if plan.resumed_time is not None and _is_wrong(plan.resumed_time, now):
        wrong["status.plan.resumedTime"] = plan.resumed_time
        plan = msgspec.structs.replace(plan, resumed_time=now)
    if wrong:
        state.update(plan=plan)
        compile_plan(state)
    return wrong


def _on_the_grid(state: TaskState, since: datetime, now: datetime) -> datetime:
    """Return since when the schedule holds instead, so that its moments stay what they are."""
    if not isinstance(state.schedule, Every):
        return now
    period = state.schedule.period
    return since + ((now - since) // period) * period


def _retries(state: TaskState, now: datetime) -> dict[str, datetime]:
    wrong: dict[str, datetime] = {}
    for retry in list(state.retries.values()):
        due = _due(state, retry, now)
        if due == retry.due_time:
            continue
        wrong["status.pendingRetries.dueTime"] = retry.due_time
        state.retries[retry.execution_id] = msgspec.structs.replace(
            retry, due_time=due, first_begin_time=min(retry.first_begin_time, now)
        )
    return wrong


def _due(state: TaskState, retry: PendingRetry, now: datetime) -> datetime:
    """Return when `retry` is due, by a clock that is right."""
    if _is_wrong(retry.first_begin_time, now):
        # It was planned by a clock that is ahead by about so much.
        return retry.due_time - (retry.first_begin_time - now)
    spec = state.spec
    is_edited = state.generation != state.draft.observed_generation
    longest = longest_delay(None if is_edited or spec is None else spec.retry, retry.attempt - 1)
    return now if _is_wrong(retry.due_time - longest, now) else retry.due_time


def _end(state: TaskState, now: datetime) -> dict[str, datetime]:
    """Have the time to live of a finished task begin now, not later."""
    moment = finished_time(state)
    if moment is None or not _is_wrong(moment, now):
        return {}
    set_finished_time(state, now)
    return {"the end of the task": moment}


def _remember_what_was_made(state: TaskState, now: datetime) -> None:
    ahead = runs_after(bytes(state.draft.runs), now)
    under_way = [
        *((record.execution_id, record.scheduled_time) for record in state.unsaved),
        *((job.attempt.execution_id, job.attempt.scheduled_time) for job in state.jobs.values()),
        *((retry.execution_id, retry.scheduled_time) for retry in state.retries.values()),
    ]
    ahead |= {run: moment for run, moment in under_way if moment > now}
    state.made_ahead = frozenset(ahead)
    moments = [*ahead.values(), *([state.ahead_until] if state.ahead_until else [])]
    state.ahead_until = max(moments, default=None)

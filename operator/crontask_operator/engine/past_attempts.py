"""past_attempts takes in, for decisions, what the history tells and the status does not yet.

::

                 status written         crash          another owner
    ───────────────────┼──────────────────┼──────────────────┼─────────>
       counted, or     │  in the history  │   nobody fired   │  reads both
       named as active │                  │                  │

A status sums up, so it may be some seconds older than what its owner did last. Whatever is
in it is settled: a run up to the watermark is counted, active or waits for a retry. An
attempt beyond that which the history has as ended was made, so it is not made again; it is
recorded and counted as if it had just ended here. A second successor that starts from the
same status finds the same.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_core.enums import Reason
from crontask_core.identity import manual_execution_id, scheduled_execution_id
from crontask_core.status import RunRecord
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.engine.actions import Actions
from crontask_operator.engine.ahead_of_clock import ALLOWED_SKEW
from crontask_operator.engine.attempt_outcome import take_in_record
from crontask_operator.engine.run_requests import take_for_answered, waiting_redrives
from crontask_operator.engine.urgency import LONG_SECONDS
from crontask_operator.task.state import Job, TaskState

LATE_STATUS: Final = timedelta(minutes=10)
"""A status that is older than the latest of its shard by more has a trouble of its own, and
was written after each run all the time: the history knows no more than it does."""

LONG_CALL: Final = timedelta(seconds=LONG_SECONDS) + ALLOWED_SKEW


def first_moment(states: Iterable[TaskState], now: datetime) -> datetime | None:
    """Return from when on attempts have begun of which the statuses do not tell.

    None if there can be none: nothing was due since each of them was written.
    """
    known = [(state, _latest_of(state, now)) for state in states]
    heard_of = max((latest for _, latest in known), default=now)
    due: list[datetime] = []
    for state, latest in known:
        status = state.stored
        beyond = status.next_run_time
        if state.generation != status.observed_generation or _has_request(state):
            beyond = latest
        if beyond is not None:
            due.append(max(beyond, _before(heard_of, LATE_STATUS)))
        under_way = [
            *(run.begin_time for run in status.active),
            *(retry.due_time for retry in status.pending_retries),
        ]
        due.extend(max(begin, _before(heard_of, LONG_CALL)) for begin in under_way)
    first = min((moment for moment in due if moment <= now), default=None)
    return None if first is None else _before(first, ALLOWED_SKEW)


def keep_unknown(state: TaskState) -> None:
    """Leave in the state's past only attempts of which its status does not tell.

    The status has to be the one to go on from.
    """
    if state.past:
        state.past = tuple(
            record
            for record in state.past
            if record.reason is not Reason.MISSED and not _is_told(state, record)
        )


def last_attempts(state: TaskState) -> Mapping[str, int]:
    """Return the number of the last attempt in the state's past, by execution id."""
    last: dict[str, int] = {}
    for record in state.past:
        last[record.execution_id] = max(record.attempt, last.get(record.execution_id, 0))
    return last


def take_in_past(state: TaskState, now: datetime, actions: Actions) -> None:
    """Record and count the attempts of the state's past, oldest end first."""
    began = _first_begins(state)
    for record in sorted(state.past, key=lambda record: record.end_time or now):
        if state.spec is None:
            break
        first = began.setdefault(record.execution_id, record.begin_time)
        state.retries.pop(record.execution_id, None)
        _take_in(state, record, first, actions)
        if record.execution_id == _manual_id(state):
            state.update(handled_run_request=state.run_request)
        elif record.redrive_of:
            take_for_answered(state, record.redrive_of)
        elif record.scheduled_time - now > ALLOWED_SKEW:
            # Made ahead of its moment, by a clock that was wrong.
            state.made_ahead |= {record.execution_id}
        elif _is_scheduled(state, record):
            state.made |= {record.scheduled_time}
    state.past = ()
    # Whoever made these runs has measured them.
    actions.counted = state.draft.counters


def pass_over(state: TaskState) -> None:
    """Have the watermark at or beyond all moments of which the past told."""
    if state.made:
        watermark = state.draft.last_scheduled_time
        state.update(last_scheduled_time=max(filter(None, (watermark, *state.made))))
        state.made = frozenset()


def _take_in(state: TaskState, record: RunRecord, first: datetime, actions: Actions) -> None:
    if state.spec is None or record.end_time is None:
        return
    attempt = Attempt(
        namespace=state.namespace,
        name=state.name,
        uid=state.uid,
        spec=state.spec,
        execution_id=record.execution_id,
        run_type=record.run_type,
        attempt=record.attempt,
        scheduled_time=record.scheduled_time,
        redrive_of=record.redrive_of,
    )
    job = Job(state, attempt, begin=record.begin_time, first_begin=first)
    reason = record.reason or Reason.INTERNAL_ERROR
    result = CallResult(reason=reason, code=record.code, error=record.error)
    take_in_record(job, record, result, record.end_time, actions)


def _is_told(state: TaskState, record: RunRecord) -> bool:
    status, run = state.stored, record.execution_id
    under_way = {each.execution_id: each.attempt for each in status.active}
    under_way |= {each.execution_id: each.attempt for each in status.pending_retries}
    if run in under_way:
        return record.attempt < under_way[run]
    if _is_scheduled(state, record):
        watermark = status.last_scheduled_time
        return watermark is not None and record.scheduled_time <= watermark
    if record.redrive_of:
        return record.redrive_of not in {each.execution_id for each in waiting_redrives(state)}
    return run != _manual_id(state) or state.run_request == status.handled_run_request


def _is_scheduled(state: TaskState, record: RunRecord) -> bool:
    return record.execution_id == scheduled_execution_id(state.uid, record.scheduled_time)


def _has_request(state: TaskState) -> bool:
    asks = bool(state.run_request) and state.run_request != state.stored.handled_run_request
    return asks or bool(waiting_redrives(state))


def _manual_id(state: TaskState) -> str:
    return manual_execution_id(state.uid, state.run_request) if state.run_request else ""


def _first_begins(state: TaskState) -> dict[str, datetime]:
    """Return the begin of the first attempt of each run that the status names as begun."""
    status = state.stored
    begun = (run for run in status.active if not run.waiting)
    return {
        **{run.execution_id: run.first_begin_time or run.begin_time for run in begun},
        **{retry.execution_id: retry.first_begin_time for retry in status.pending_retries},
    }


def _before(moment: datetime, span: timedelta) -> datetime:
    """Return the moment so long before; whoever wrote a status may have chosen any."""
    return moment - min(span, moment - datetime.min.replace(tzinfo=UTC))


def _latest_of(state: TaskState, now: datetime) -> datetime:
    """Return the latest moment before `now` that the status tells of.

    The status was written then or later.
    """
    status, plan = state.stored, state.stored.plan
    moments = (
        status.last_scheduled_time,
        status.last_run.time if status.last_run is not None else None,
        plan.since if plan is not None else None,
        plan.resumed_time if plan is not None else None,
    )
    return max((each for each in moments if each and each <= now), default=state.created)

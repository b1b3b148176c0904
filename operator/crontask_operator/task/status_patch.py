"""status_patch makes of a task's state the patch by which the API agrees with it."""

from collections.abc import Sequence

import msgspec

from crontask_core.status import MAX_NUMBER, ActiveRun, Counters, RunRecord
from crontask_operator.task.run_history import MAX_BYTES, ended_attempts, with_records
from crontask_operator.task.state import Job, StoredStatus, TaskState

_encode = msgspec.json.Encoder().encode


def next_status(
    state: TaskState, records: Sequence[RunRecord], most_bytes: int = MAX_BYTES
) -> StoredStatus:
    """Return the draft with `records` and everything that is under way.

    All records together have `most_bytes`; see `with_records`.
    """
    spec = state.spec
    limit = spec.history_limit if spec is not None else 0
    history = with_records(bytes(state.draft.runs), records, limit, most_bytes)
    return msgspec.structs.replace(
        state.draft,
        active=tuple(map(active_run, state.jobs.values())),
        pending_retries=tuple(state.retries.values()),
        runs=msgspec.Raw(history),
    )


def active_run(job: Job) -> ActiveRun:
    """Return what a successor has to know to make the attempt of `job` again."""
    return ActiveRun(
        execution_id=job.attempt.execution_id,
        run_type=job.attempt.run_type,
        attempt=job.attempt.attempt,
        scheduled_time=job.attempt.scheduled_time,
        begin_time=job.begin,
        first_begin_time=None if job.first_begin == job.begin else job.first_begin,
        redrive_of=job.attempt.redrive_of,
        waiting=job.is_unbegun,
    )


def late_status(
    state: TaskState, records: Sequence[RunRecord], most_bytes: int = MAX_BYTES
) -> StoredStatus:
    """Return the status as it is stored, with `records` of runs begun here.

    Everything else in it is the owner's. So is an attempt that the owner has made
    again and recorded: it went on from that outcome.
    """
    history = bytes(state.stored.runs)
    known = ended_attempts(history)
    missing = [record for record in records if record.key not in known]
    if not missing:
        return state.stored
    limit = state.spec.history_limit if state.spec is not None else 0
    runs = msgspec.Raw(with_records(history, missing, limit, most_bytes))
    return msgspec.structs.replace(state.stored, runs=runs)


def merge_patch(status: StoredStatus, resource_version: str) -> bytes:
    """Return the body of a merge patch on ``/status``.

    The resource version makes the API server refuse it (409) when the object is not
    the one that the patch was computed for.
    """
    return _encode({"metadata": {"resourceVersion": resource_version}, "status": status})


def advance(base: Counters, draft: Counters, stored: Counters) -> Counters:
    """Return `base` plus what `draft` counted beyond `stored`."""
    return Counters(
        **{
            name: min(
                getattr(base, name) + getattr(draft, name) - getattr(stored, name), MAX_NUMBER
            )
            for name in Counters.__struct_fields__
        }
    )

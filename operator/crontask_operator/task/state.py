"""TaskState holds what the operator knows of one task, and Job one attempt of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

import msgspec

from crontask_core.enums import RunType
from crontask_core.errors import SpecError
from crontask_core.identity import scheduled_execution_id
from crontask_core.redrive import Redrive
from crontask_core.schedule import Schedule
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus, PendingRetry, RunRecord
from crontask_core.status_reading import read_records, read_status
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.task.run_history import EMPTY, decode_records
from crontask_operator.task.unsaved import UnsavedRecords


class StoredStatus(CronTaskStatus, frozen=True):
    """A status whose records stay the JSON they are."""

    runs: msgspec.Raw = msgspec.Raw(EMPTY)  # type: ignore[assignment]


EMPTY_STATUS = StoredStatus()

_encode = msgspec.json.Encoder().encode


def read_stored_status(found: Mapping[str, Any] | None) -> tuple[StoredStatus, list[str]]:
    """Return the status of an object, its records as JSON, and what was left out of it.

    Whatever somebody else wrote there must not keep the operator from recording; see
    `crontask_core.status_reading`.
    """
    if not found:
        return EMPTY_STATUS, []
    rest = {key: value for key, value in found.items() if key != "runs"}
    status, left_out = read_status(rest, StoredStatus)
    records = found.get("runs") or []
    encoded = _encode(records)
    try:
        decode_records(encoded)
    except msgspec.ValidationError:
        records, reasons = read_records(records)
        encoded = _encode(records)
        left_out += reasons
    return msgspec.structs.replace(status, runs=msgspec.Raw(encoded)), left_out


@dataclass(frozen=True, slots=True, eq=False)
class SentWrite:
    """A write of `status`, which holds `records`, that the API server may have made."""

    status: StoredStatus
    records: tuple[RunRecord, ...]


class LeaseState(Enum):
    """What this process may do with a task, by the lease of the task's shard."""

    OTHERS = auto()
    """Another process owns the task, or none: its status says all there is to know."""
    GAINED = auto()
    """This process owns it from now on; the next look goes on from the status."""
    HELD = auto()
    """This process owns it."""
    DRAINING = auto()
    """The same, but the task is being handed over: no run of it begins here."""
    LOST = auto()
    """The lease was lost, and nobody else has written the status since. Should it come
    back, as after an outage of the API server, everything goes on from `draft`."""


_OWNED = (LeaseState.HELD, LeaseState.DRAINING, LeaseState.GAINED)


@dataclass(slots=True, eq=False)
class TaskState:
    """One CronTask: its identity, its compiled spec, and its status in the making.

    `stored` is the status as the API is known to hold it. While this process owns the
    task, `draft` is ahead of it: it becomes the next write, together with `jobs`,
    `retries` and `unsaved`. While another process owns the task the two are equal.
    """

    uid: str
    namespace: str
    name: str
    shard: int
    created: datetime

    resource_version: str = ""
    """The version that the next write is based on."""
    seen_version: str = ""
    """The latest version that was shown whole, with its spec."""
    read_version: str = ""
    """The version that was read since the watch was behind; it has yet to come to it."""
    generation: int = 0
    run_request: str = ""
    """What asks for a run now, bounded; see `request_mark`."""
    waiting_request: str = ""
    """A run request that is answered when fewer runs on request are under way."""
    redrives: tuple[Redrive, ...] = ()
    """Runs that are to be made again, each once."""
    spec: CronTaskSpec | None = None
    prepared: CronTaskSpec | None = None
    """The spec whose calls are prepared; see `crontask_operator.engine.idle_work`."""
    in_force: bool = False
    """Whether the draft's plan and conditions are those of `spec`."""
    schedule: Schedule | None = None
    problem: SpecError | None = None
    """Why the spec cannot be used; then `schedule` is None."""

    lease: LeaseState = LeaseState.OTHERS
    hidden: bool = False
    """The task may not be read any more: nothing fires until it is seen again."""
    gone: bool = False
    """The object was deleted: nothing fires, and nothing can be recorded any more."""
    ahead_until: datetime | None = None
    """The latest moment of the status that was ahead of the clock, until it has come."""
    made_ahead: frozenset[str] = frozenset()
    """Runs that were made before their moment, by a clock that was ahead of ours."""
    past: tuple[RunRecord, ...] = ()
    """Attempts that have ended by the history, to be taken in beyond the status."""
    made: frozenset[datetime] = frozenset()
    """Moments after the watermark whose runs were made, until the watermark passes them."""
    foreign: list[str] = field(default_factory=list)
    """What was left out of the status, since this version cannot read it."""
    stored: StoredStatus = EMPTY_STATUS
    draft: StoredStatus = EMPTY_STATUS
    jobs: dict[tuple[str, int], Job] = field(default_factory=dict)
    """Attempts that are under way here, by execution id and attempt."""
    retries: dict[str, PendingRetry] = field(default_factory=dict)
    """The next attempt of each run that waits for one, by execution id."""
    unsaved: UnsavedRecords = field(default_factory=UnsavedRecords)
    """Records which the API has not accepted yet, oldest first."""
    sent: list[SentWrite] = field(default_factory=list)
    """Writes of which it is not known whether the API server made them."""

    @property
    def log_fields(self) -> dict[str, str]:
        """What every log line about this task carries."""
        return {"namespace": self.namespace, "task": self.name}

    @property
    def owned(self) -> bool:
        """Whether this process is the one that writes the status."""
        return self.lease in _OWNED

    def update(self, **changes: object) -> None:
        """Change fields of the draft."""
        self.draft = msgspec.structs.replace(self.draft, **changes)

    def give_way(self, status: StoredStatus) -> None:
        """Go by what somebody else wrote, and forget what was to follow from here.

        Calls in flight still end and leave their records.
        """
        self.lease = LeaseState.OTHERS
        self.stored = self.draft = status
        self.retries.clear()
        self.sent.clear()
        self.drop_waiting()

    def drop_waiting(self) -> None:
        """Forget the jobs that wait."""
        for job in list(self.jobs.values()):
            if job.stage is JobStage.WAITING:
                del self.jobs[job.key]

    def give_up_waiting(self) -> int:
        """Forget the runs by the schedule that were to begin; return how many there were."""
        given_up = [job.key for job in self.jobs.values() if job.is_unbegun]
        for key in given_up:
            del self.jobs[key]
        return len(given_up)

    def run_ids(self) -> set[str]:
        """Return the execution ids of the runs that are under way, retries included."""
        return {job.attempt.execution_id for job in self.jobs.values()} | self.retries.keys()

    def manual_runs(self) -> int:
        """Return how many runs on request are under way, waits for retries included."""
        return len(self.requested_ids())

    def requested_ids(self) -> set[str]:
        """Return the execution ids of the runs on request that are under way."""
        under_way = {retry.execution_id: retry.scheduled_time for retry in self.retries.values()}
        for job in self.jobs.values():
            under_way[job.attempt.execution_id] = job.attempt.scheduled_time
        return {
            execution_id
            for execution_id, scheduled_time in under_way.items()
            if execution_id != scheduled_execution_id(self.uid, scheduled_time)
        }

    def ends_one_shot(self, execution_id: str, scheduled_time: datetime) -> bool:
        """Tell whether this run is the one that a one-shot task exists for.

        A manual run is not, and neither is a run of a schedule that was replaced
        while it was in flight.
        """
        spec, plan = self.spec, self.draft.plan
        if spec is None or plan is None or not spec.is_one_shot:
            return False
        if execution_id != scheduled_execution_id(self.uid, scheduled_time):
            return False
        return scheduled_time == spec.at if spec.at else scheduled_time > plan.since

    def one_shot_under_way(self) -> bool:
        """Tell whether the run that ends this one-shot task has begun."""
        under_way = [
            *((job.attempt.execution_id, job.attempt.scheduled_time) for job in self.jobs.values()),
            *((retry.execution_id, retry.scheduled_time) for retry in self.retries.values()),
        ]
        return any(self.ends_one_shot(*run) for run in under_way)


class JobStage(Enum):
    """How far an attempt has come. Only `Job`'s methods change it::

    WAITING ──> QUEUED ──> RUNNING ──> ENDED
       ^          │           │          ^
       └── not ours, or broken off       │
       └──────────┴──── cancelled ───────┘
    """

    WAITING = auto()
    """It waits for others of its task to end, or for the lease to come back."""
    QUEUED = auto()
    """It is due, and waits for a slot and for its namespace's share."""
    RUNNING = auto()
    """Its call is being made."""
    ENDED = auto()
    """Its call has ended or will not be made; `result` has the reason."""


@dataclass(slots=True, eq=False)
class Job:
    """One attempt, from the moment it is due until its end is recorded.

    `begin` is when the call was started, until then when it fell due.
    `first_begin` is the begin of the run's first attempt.
    """

    state: TaskState
    attempt: Attempt
    begin: datetime
    first_begin: datetime | None = None
    stage: JobStage = JobStage.WAITING
    ended: datetime | None = None
    """When it ended."""
    result: CallResult | None = None
    """How it ended."""

    @property
    def key(self) -> tuple[str, int]:
        """Execution id and number of the attempt."""
        return (self.attempt.execution_id, self.attempt.attempt)

    @property
    def is_unbegun(self) -> bool:
        """Whether it waits to begin a run that is due by the schedule."""
        is_first = self.attempt.attempt == 1 and self.first_begin is None
        is_asked_for = self.attempt.run_type is RunType.MANUAL
        return self.stage is JobStage.WAITING and is_first and not is_asked_for

    def wait(self) -> None:
        """Take note that it is not to be started now."""
        self.stage = JobStage.WAITING

    def break_off(self) -> None:
        """Take note that it is to be made again, since its call was given up unfinished."""
        self.first_begin = self.first_begin or self.begin
        self.stage = JobStage.WAITING

    def queue(self) -> None:
        """Take note that it is to be started as soon as possible."""
        self.stage = JobStage.QUEUED

    def run(self, now: datetime) -> None:
        """Take note that its call is started."""
        self.stage, self.begin = JobStage.RUNNING, now

    def end(self, result: CallResult, now: datetime) -> None:
        """Take note of how it ended."""
        self.stage, self.result, self.ended = JobStage.ENDED, result, now

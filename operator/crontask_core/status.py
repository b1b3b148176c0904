"""status types the observed state of a CronTask, for all; the operator alone writes it.

Everything a successor needs to go on is here: the watermark, what was in flight, what
is to be retried, which run request was answered, and since when the schedule holds.
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from crontask_core.enums import Phase, Reason, RunStatus, RunType

MAX_NUMBER: Final = 2**63 - 1
"""The largest number that the API server keeps in a status."""

Number = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]
Generation = Annotated[int, msgspec.Meta(ge=-1, le=MAX_NUMBER)]
AttemptNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
AnswerCode = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class _Fields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Camel case on the wire; an absent field is at its default."""


class RunRecord(_Fields, frozen=True):
    """One attempt. `scheduled_time` is the moment its run was due."""

    execution_id: str
    run_type: RunType
    attempt: AttemptNumber
    status: RunStatus
    scheduled_time: datetime
    begin_time: datetime
    end_time: datetime | None = None
    url: str = ""
    body: str = ""
    response: str = ""
    code: AnswerCode | None = None
    reason: Reason | None = None
    error: str = ""
    redrive_of: str = ""
    """Execution id of the run that this one makes again."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes two records the same attempt: execution id and attempt number."""
        return (self.execution_id, self.attempt)


class ActiveRun(_Fields, frozen=True):
    """An attempt in flight, kept so that a successor can make it again."""

    execution_id: str
    run_type: RunType
    attempt: AttemptNumber
    scheduled_time: datetime
    begin_time: datetime
    first_begin_time: datetime | None = None
    """Begin of attempt 1, from which ``retry.maxTotalSeconds`` counts; None if that is
    `begin_time`."""
    redrive_of: str = ""
    waiting: bool = False
    """Whether it was still to begin, after others of its task; `begin_time` is then when
    it fell due."""


class PendingRetry(_Fields, frozen=True):
    """The next attempt of a run, due at `due_time`."""

    execution_id: str
    attempt: AttemptNumber
    scheduled_time: datetime
    due_time: datetime
    first_begin_time: datetime
    """Begin of attempt 1, from which ``retry.maxTotalSeconds`` counts."""
    redrive_of: str = ""


class Plan(_Fields, frozen=True, omit_defaults=False):
    """Which schedule is in force, and since when.

    A `fingerprint` that differs from the spec's tells that schedule, moment or zone
    changed: the new plan holds `since` that was seen, runs that were due before are
    not missed, and a finished one-shot task is armed again. `resumed_time` is the end
    of the latest suspension; what was due before it is not missed either.
    """

    fingerprint: str
    since: datetime
    suspended: bool = False
    resumed_time: datetime | None = None


class Counters(_Fields, frozen=True, omit_defaults=False):
    """Runs since the task was created, counted at their final attempt."""

    succeeded: Number = 0
    failed: Number = 0
    retries: Number = 0
    skipped: Number = 0
    """Due, but not fired because of the concurrency policy or bound."""
    missed: Number = 0
    """Due while no operator was there, and not caught up."""


class Condition(_Fields, frozen=True):
    """A Kubernetes condition (``metav1.Condition``)."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: datetime
    observed_generation: Number = 0


class LastRun(_Fields, frozen=True):
    """Summary of the latest attempt, for printer columns and for the facade."""

    execution_id: str
    status: RunStatus
    run_type: RunType
    time: datetime
    """Its end, or its begin while it is in flight."""


class CronTaskStatus(_Fields, frozen=True, omit_defaults=False):
    """``status`` of a CronTask.

    Fields at their default are written out, here and in the objects that are merged
    field by field: a merge patch keeps what it does not name.
    """

    observed_generation: Generation = -1
    """No object has the default, so that one without an operator's word is seen as such."""
    phase: Phase | None = None
    conditions: tuple[Condition, ...] = ()
    plan: Plan | None = None
    next_run_time: datetime | None = None
    last_scheduled_time: datetime | None = None
    last_run: LastRun | None = None
    last_success_time: datetime | None = None
    last_failure_time: datetime | None = None
    consecutive_failures: Number = 0
    counters: Counters = msgspec.field(default_factory=Counters)
    handled_run_request: str = ""
    handled_redrives: tuple[str, ...] = ()
    """Execution ids of runs that were made again, as long as the annotation names them."""
    active: tuple[ActiveRun, ...] = ()
    pending_retries: tuple[PendingRetry, ...] = ()
    runs: tuple[RunRecord, ...] = ()

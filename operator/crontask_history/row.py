"""RunRow is one attempt as the history keeps it, for whoever writes or reads one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from sys import getsizeof
from typing import Final, NamedTuple

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_core.status import RunRecord

LATE_DAYS: Final = 2
"""A run that begins later than so many days after it was due is kept with the day on which
it began: a tenant may have a run due in any year, and each day is a table of its own."""

SUMMARY_CHARACTERS: Final = 200
"""Characters of an error that lists show, which do not read the texts."""


class RunKey(NamedTuple):
    """What makes two rows the same attempt."""

    uid: str
    execution_id: str
    attempt: int


class TaskKey(NamedTuple):
    """One task: its object's name, by which rows are found, and the uid that only it has."""

    name: str
    uid: str


class RunId(NamedTuple):
    """One run: the object that made it, its execution id, and when it was due."""

    uid: str
    execution_id: str
    scheduled_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One attempt. Moments are aware; `end_time` is None while it is in flight.

    `body`, `response` and `error` are its texts, which lists do not read; `summary` is the
    begin of the error. `replica` is the operator that made the attempt. `redrive_of` is the
    execution id of the run that was made again by this one, and `redriven_by` that of the
    run by which this one was made again, of which the store takes note by itself.
    """

    uid: str
    namespace: str
    name: str
    task_name: str
    module: int
    shard: int
    execution_id: str
    attempt: int
    run_type: RunType
    status: RunStatus
    scheduled_time: datetime
    begin_time: datetime
    end_time: datetime | None = None
    reason: Reason | None = None
    code: int | None = None
    url: str = ""
    replica: str = ""
    summary: str = ""
    body: str = ""
    response: str = ""
    error: str = ""
    redrive_of: str = ""
    redriven_by: str = ""

    @property
    def key(self) -> RunKey:
        """What makes two rows the same attempt: the later one replaces the earlier."""
        return RunKey(self.uid, self.execution_id, self.attempt)

    @property
    def run(self) -> RunId:
        """The run that this is an attempt of."""
        return RunId(self.uid, self.execution_id, self.scheduled_time)

    @property
    def is_final(self) -> bool:
        """Whether the attempt has ended."""
        return self.end_time is not None

    @property
    def day(self) -> date:
        """The day, in UTC, with which the row is kept and dropped.

        It is that on which the run was due, so that an attempt which is made again, maybe
        after midnight, replaces its row.
        """
        return day_of(self.scheduled_time, self.begin_time)

    @property
    def lag_seconds(self) -> float:
        """Time from the moment the run was due to the begin of this attempt."""
        return (self.begin_time - self.scheduled_time).total_seconds()

    @property
    def size(self) -> int:
        """About how many bytes the row takes, its texts included."""
        texts = (self.body, self.response, self.error, self.url, self.task_name)
        return ROW_BYTES + sum(map(getsizeof, texts))


ROW_BYTES: Final = 600
"""What a row takes in memory besides the texts that others choose."""


def day_of(scheduled_time: datetime, begin_time: datetime) -> date:
    """Return the day with which an attempt is kept."""
    late = begin_time - scheduled_time > timedelta(days=LATE_DAYS)
    moment = begin_time if late or scheduled_time > begin_time else scheduled_time
    return moment.astimezone(UTC).date()


def row_of(
    record: RunRecord,
    *,
    uid: str,
    namespace: str,
    name: str,
    task_name: str,
    module: int,
    shard: int = 0,
    replica: str = "",
) -> RunRow:
    """Return `record` as a row of the history, with what tells its task from others."""
    return RunRow(
        uid=uid,
        namespace=namespace,
        name=name,
        task_name=task_name,
        module=module,
        shard=shard,
        execution_id=record.execution_id,
        attempt=record.attempt,
        run_type=record.run_type,
        status=record.status,
        scheduled_time=record.scheduled_time,
        begin_time=record.begin_time,
        end_time=record.end_time,
        reason=record.reason,
        code=record.code,
        url=record.url,
        replica=replica,
        body=record.body,
        response=record.response,
        error=record.error,
        redrive_of=record.redrive_of,
    )


def to_record(row: RunRow) -> RunRecord:
    """Return `row` as a status holds it; where its texts were not read, without them."""
    return RunRecord(
        execution_id=row.execution_id,
        run_type=row.run_type,
        attempt=row.attempt,
        status=row.status,
        scheduled_time=row.scheduled_time,
        begin_time=row.begin_time,
        end_time=row.end_time,
        url=row.url,
        body=row.body,
        response=row.response,
        code=row.code,
        reason=row.reason,
        error=row.error or row.summary,
        redrive_of=row.redrive_of,
    )

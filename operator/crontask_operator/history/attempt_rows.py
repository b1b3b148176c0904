"""AttemptRows makes rows for the history of the engine's attempts, and has them written.

A row holds what the record in the status holds, with longer texts and with what tells one
task from another. Texts are those that the callbacks have made: values of Secrets are out
of them already.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crontask_core.status import RunRecord
from crontask_history.row import RunRow, row_of
from crontask_operator.engine.historian import Historian
from crontask_operator.task.attempt_record import final_record, started_record
from crontask_operator.task.state import Job, TaskState


class Rows(Protocol):
    """Where rows go; see `crontask_operator.history.history_writer.HistoryWriter`."""

    @property
    def keeps_up(self) -> bool:
        """Whether each row is kept a moment after it was put."""

    def put(self, row: RunRow) -> None:
        """Have `row` written."""

    async def since(self, shard: int, moment: datetime) -> Mapping[str, Sequence[RunRecord]]:
        """Return what ended of `shard` and began at `moment` or later, by uid."""


class AttemptRows(Historian):
    """What the engine tells of attempts.

    Parameters
    ----------
    rows
        Has rows written, and reads them.
    text_bytes
        Bound of each text of a row.
    replica
        Name of this operator.
    """

    is_kept = True

    def __init__(self, rows: Rows, *, text_bytes: int, replica: str) -> None:
        self._rows = rows
        self._text_bytes = text_bytes
        self._replica = replica

    @property
    def keeps_up(self) -> bool:
        """Whether the history has what ended a moment ago."""
        return self._rows.keeps_up

    async def since(self, shard: int, moment: datetime) -> Mapping[str, Sequence[RunRecord]]:
        """Return what ended of `shard` and began at `moment` or later, by uid."""
        return await self._rows.since(shard, moment)

    def begun(self, job: Job) -> None:
        """Keep that an attempt has begun."""
        self._rows.put(self._row(job.state, started_record(job, self._text_bytes), job))

    def ended(self, job: Job) -> None:
        """Keep how an attempt has ended."""
        if job.result is not None and job.ended is not None:
            record = final_record(job, job.result, job.ended, self._text_bytes)
            self._rows.put(self._row(job.state, record, job))

    def unmade(self, state: TaskState, record: RunRecord) -> None:
        """Keep that a run was not made."""
        self._rows.put(self._row(state, record, None))

    def _row(self, state: TaskState, record: RunRecord, job: Job | None) -> RunRow:
        spec = state.spec if job is None else job.attempt.spec
        return row_of(
            record,
            uid=state.uid,
            namespace=state.namespace,
            name=state.name,
            task_name=(spec.task_name if spec is not None else "") or state.name,
            module=spec.module if spec is not None else 0,
            shard=state.shard,
            replica=self._replica,
        )

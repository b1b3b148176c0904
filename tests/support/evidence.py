"""What the checker judges by: tasks as the API holds them, calls as the target saw them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from crontask_core.enums import RunType
from crontask_core.schedule import compile_spec
from crontask_core.spec import CronTaskSpec, parse_spec
from crontask_core.status import CronTaskStatus, RunRecord
from crontask_core.times import from_epoch
from dev.echo import Received

AttemptKey = tuple[str, int]
"""Execution id and number of an attempt."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived at the target."""

    namespace: str
    task: str
    execution_id: str
    scheduled_time: datetime
    attempt: int
    run_type: RunType
    arrived: datetime

    @property
    def key(self) -> AttemptKey:
        """Execution id and number of the attempt."""
        return (self.execution_id, self.attempt)

    @classmethod
    def of(cls, request: Received) -> "Call":
        """Read the headers that identify a run."""
        headers = request.headers
        return cls(
            namespace=headers["x-crontask-namespace"],
            task=headers["x-crontask-name"],
            execution_id=headers["x-crontask-execution-id"],
            scheduled_time=datetime.fromisoformat(headers["x-crontask-scheduled-time"]),
            attempt=int(headers["x-crontask-attempt"]),
            run_type=RunType(headers["x-crontask-run-type"]),
            arrived=from_epoch(request.arrived),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One task as the API holds it when everything has settled."""

    namespace: str
    name: str
    uid: str
    created: datetime
    spec: CronTaskSpec
    status: CronTaskStatus

    @classmethod
    def of(cls, manifest: dict[str, Any]) -> "Task":
        """Read an object as the API server returns it."""
        metadata = manifest["metadata"]
        return cls(
            namespace=metadata["namespace"],
            name=metadata["name"],
            uid=metadata["uid"],
            created=datetime.fromisoformat(metadata["creationTimestamp"]),
            spec=parse_spec(manifest["spec"]),
            status=msgspec.convert(manifest.get("status", {}), CronTaskStatus),
        )

    def with_records(self, kept: Iterable[RunRecord]) -> "Task":
        """Return the task with the records that a history has of it as well, newest first."""
        records = {record.key: record for record in kept}
        # The status is older than the history, unless the history has lost what it tells.
        for record in self.status.runs:
            if record.key not in records or not ended(records[record.key]):
                records[record.key] = record
        runs = tuple(sorted(records.values(), key=lambda record: record.begin_time, reverse=True))
        return replace(self, status=msgspec.structs.replace(self.status, runs=runs))

    @property
    def is_summed_up(self) -> bool:
        """Whether the status tells of the latest end of all records."""
        ends = [record.end_time for record in self.status.runs if record.end_time is not None]
        last = self.status.last_run
        return not ends or (last is not None and last.time >= max(ends))

    def demanded(self, until: datetime) -> list[datetime]:
        """Return the moments up to `until` for which the schedule demands a run.

        They count from the creation; a spec that was changed since is judged by its
        latest state. A past ``at`` is demanded as well: it means now.
        """
        if self.spec.at is not None:
            return [self.spec.at] if self.spec.at <= until else []
        schedule = compile_spec(self.spec, seed=self.uid, anchor=self.created)
        moments = []
        moment = schedule.next(self.created)
        while moment is not None and moment <= until:
            moments.append(moment)
            moment = None if self.spec.is_one_shot else schedule.next(moment)
        return moments


@dataclass(frozen=True, slots=True)
class Crash:
    """A moment at which an owner was cut off without a farewell.

    An attempt that arrived before may arrive once more after it, unless it is among
    those which were `recorded` as ended by then.
    """

    moment: datetime
    recorded: frozenset[AttemptKey] = frozenset()

    def excuses(self, first: Call, second: Call) -> bool:
        """Tell whether `second` may repeat `first`, which arrived before it."""
        return first.arrived <= self.moment < second.arrived and first.key not in self.recorded


def recorded(tasks: Iterable[Task]) -> frozenset[AttemptKey]:
    """Return the attempts whose end the status of their task tells."""
    return frozenset(record.key for task in tasks for record in task.status.runs if ended(record))


def ended(record: RunRecord) -> bool:
    """Tell whether the attempt of `record` has ended."""
    return record.end_time is not None

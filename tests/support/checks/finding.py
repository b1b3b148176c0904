"""What a rule of the checker looks at, and what it reports."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from crontask_core.enums import RunType
from crontask_core.status import RunRecord
from tests.support.evidence import AttemptKey, Call, Crash, Task


class Fault(StrEnum):
    """Everything that can be wrong with a task, as one word."""

    LOST = "lost"
    """The schedule demanded a moment, and no call came."""
    UNDEMANDED = "undemanded"
    """A call came for a moment which the schedule does not have."""
    EARLY = "early"
    """A call came before its moment."""
    REPEATED = "repeated"
    """An attempt came twice, and no crash excuses it."""
    FOREIGN_ID = "foreign id"
    """A scheduled moment came under an execution id that is not its own."""
    ATTEMPTS = "attempts"
    """Attempts of one run are out of order, left out, or more than retry allows."""
    UNRECORDED = "unrecorded"
    """A call came, and no record tells of it."""
    UNFINISHED = "unfinished"
    """A record, an active run or a pending retry waits for an end that has passed."""
    UNSEEN = "unseen"
    """A record tells of an answer to a call which never came."""
    CONTRADICTED = "contradicted"
    """A record says of its call what is not true."""
    MISCOUNTED = "miscounted"
    """Counters disagree with the records."""
    WATERMARK = "watermark"
    """lastScheduledTime is not the last moment that was dealt with."""
    DISORDER = "disorder"
    """Runs of one task began in another order than that of their moments."""
    OVERLAP = "overlap"
    """More runs of one task were under way than its concurrency policy allows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one task."""

    fault: Fault
    task: str
    text: str

    def __str__(self) -> str:
        """Return task, fault and details on one line."""
        return f"{self.task}: {self.fault}: {self.text}"


@dataclass(frozen=True)
class Case:
    """One task with everything that is known of it. `calls` are in order of arrival."""

    task: Task
    calls: tuple[Call, ...]
    demanded: tuple[datetime, ...]
    until: datetime
    crashes: tuple[Crash, ...]
    may_miss: bool

    def finding(self, fault: Fault, text: str) -> Finding:
        """Return a finding about this task."""
        return Finding(fault, f"{self.task.namespace}/{self.task.name}", text)

    @cached_property
    def records(self) -> dict[AttemptKey, RunRecord]:
        """The records by execution id and attempt."""
        return {record.key: record for record in self.task.status.runs}

    @property
    def history_is_complete(self) -> bool:
        """Whether the history limit has cut off no record yet."""
        return len(self.task.status.runs) < self.task.spec.history_limit

    @cached_property
    def calls_by_attempt(self) -> dict[AttemptKey, list[Call]]:
        """The calls of each attempt, in order of arrival."""
        grouped: dict[AttemptKey, list[Call]] = defaultdict(list)
        for call in self.calls:
            grouped[call.key].append(call)
        return grouped

    @cached_property
    def manual_ids(self) -> set[str]:
        """Execution ids of runs that somebody asked for."""
        types = [(call.execution_id, call.run_type) for call in self.calls]
        types += [(record.execution_id, record.run_type) for record in self.task.status.runs]
        return {execution_id for execution_id, run_type in types if run_type is RunType.MANUAL}

    def crashed_between(self, first: datetime, second: datetime) -> bool:
        """Tell whether a crash lies between the two moments."""
        return any(first <= crash.moment <= second for crash in self.crashes)

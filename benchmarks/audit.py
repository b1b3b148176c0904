"""Honest counting: every call has its record, or the measure is void."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import Manifest
from tests.support.checker import check
from tests.support.evidence import Call, Crash, Task, ended

SHOWN = 5


def audit(
    manifests: Iterable[Manifest],
    calls: Sequence[Call],
    *,
    until: datetime,
    crashes: Sequence[Crash] = (),
) -> None:
    """Compare what arrived with what the schedules demanded up to `until` and what is recorded.

    Everything has to have settled. The checker of the tests looks at each moment and
    record. Beside it, each task must have counted as many runs as arrived, and its
    history must hold the latest of them, up to the limit: the checker leaves both to
    stories whose history is complete. A call that one of `crashes` has repeated counts once.

    Raises
    ------
    BenchmarkError
        With the first faults, if there is any.
    """
    tasks = [Task.of(manifest) for manifest in manifests]
    faults = [
        str(finding) for finding in check(tasks, calls, until=until, crashes=crashes).findings
    ]
    # A repetition that no crash excuses is a finding by itself.
    attempts = {call.key: (call.namespace, call.task) for call in calls}
    arrived = Counter(attempts.values())
    for task in tasks:
        faults += _count(task, arrived[task.namespace, task.name])
    if faults:
        shown = "\n".join(faults[:SHOWN])
        raise BenchmarkError(
            f"expected a record of each of {len(calls)} calls, got {len(faults)} faults:\n{shown}"
        )


def _count(task: Task, arrived: int) -> list[str]:
    counted = task.status.counters.succeeded + task.status.counters.failed
    recorded = sum(ended(record) for record in task.status.runs)
    kept = min(arrived, task.spec.history_limit)
    if counted == arrived and recorded == kept:
        return []
    return [
        f"{task.namespace}/{task.name}: {arrived} calls arrived, {counted} are counted, "
        f"{recorded} of {kept} recorded"
    ]

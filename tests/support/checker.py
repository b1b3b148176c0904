"""Compares what a target received with what schedules demanded and records say.

The checker knows nothing of the engine: the demand is computed from spec, uid and
creation by `crontask_core.schedule`, the rest is what arrived and what the API holds.
Everything has to have settled: no call in flight, no record unwritten.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.support.checks import delivery, overlap, records, totals
from tests.support.checks.finding import Case, Fault, Finding
from tests.support.evidence import Call, Crash, Task

__all__ = ["Call", "Crash", "Fault", "Finding", "Report", "Task", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """What the checker looked at, and what it found wrong with it."""

    demanded: int
    received: int
    repeated: int
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        """Return the figures, and the findings one a line."""
        figures = (
            f"{self.demanded} runs demanded, {self.received} calls received, "
            f"{self.repeated} of them repeated, {len(self.findings)} faults"
        )
        return "\n".join([figures, *map(str, self.findings)])


def check(
    tasks: Iterable[Task],
    calls: Iterable[Call],
    *,
    until: datetime,
    crashes: Sequence[Crash] = (),
    may_miss: bool = False,
) -> Report:
    """Judge all tasks and all calls of one story.

    Parameters
    ----------
    until
        The end of the interval whose moments were to be fired. Later ones may have
        been fired too.
    crashes
        The moments over which an unrecorded attempt may have been made twice.
    may_miss
        Whether moments may be left out that the counters own up to, as missed or as
        skipped. Without, a single one is a loss.
    """
    by_task: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.arrived):
        by_task[call.namespace, call.task].append(call)
    findings: list[Finding] = []
    demanded = received = repeated = 0
    for task in tasks:
        case = Case(
            task=task,
            calls=tuple(by_task.pop((task.namespace, task.spec.task_name or task.name), ())),
            demanded=tuple(task.demanded(until)),
            until=until,
            crashes=tuple(crashes),
            may_miss=may_miss,
        )
        demanded += len(case.demanded)
        received += len(case.calls)
        repeated += len(case.calls) - len({call.key for call in case.calls})
        for rule in (delivery.find, records.find, totals.find, overlap.find):
            findings.extend(rule(case))
    for (namespace, name), strays in by_task.items():
        text = f"{len(strays)} calls for a task that is not among those checked"
        findings.append(Finding(Fault.UNDEMANDED, f"{namespace}/{name}", text))
    return Report(demanded, received, repeated, tuple(findings))

"""The order of a task's runs, and how many of them were under way at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import ConcurrencyPolicy, Reason
from crontask_core.times import rfc3339
from tests.support.checks.finding import Case, Fault, Finding


@dataclass(frozen=True, slots=True)
class _Span:
    """A run from its first begin to its last end, the waits between attempts included."""

    execution_id: str
    scheduled_time: datetime
    begin: datetime
    end: datetime


def find(case: Case) -> Iterator[Finding]:
    """Judge how the scheduled runs of one task lie in time."""
    spans = _spans(case)
    yield from _disorder(case, spans)
    yield from _overlap(case, spans)


def _spans(case: Case) -> list[_Span]:
    spans: dict[str, _Span] = {}
    for record in case.records.values():
        # A replaced run ends because its successor begins, so the two always touch.
        if record.execution_id in case.manual_ids or record.reason is Reason.REPLACED:
            continue
        end = record.end_time or case.until
        known = spans.get(record.execution_id)
        arrivals = [call.arrived for call in case.calls_by_attempt.get(record.key, [])]
        begins = [record.begin_time, *arrivals, *([known.begin] if known else [])]
        spans[record.execution_id] = _Span(
            record.execution_id,
            record.scheduled_time,
            min(begins),
            max(end, known.end) if known else end,
        )
    return sorted(spans.values(), key=lambda span: span.begin)


def _disorder(case: Case, spans: list[_Span]) -> Iterator[Finding]:
    for first, second in pairwise(spans):
        if first.begin == second.begin or first.scheduled_time <= second.scheduled_time:
            continue
        # What a crash interrupts is begun anew, and may then be behind its followers.
        if not case.crashed_between(first.begin, second.begin):
            text = f"{rfc3339(first.scheduled_time)} began before {rfc3339(second.scheduled_time)}"
            yield case.finding(Fault.DISORDER, text)


def _overlap(case: Case, spans: list[_Span]) -> Iterator[Finding]:
    allowed = {
        ConcurrencyPolicy.ALLOW: MAX_ACTIVE_RUNS,
        ConcurrencyPolicy.FORBID: 1,
        ConcurrencyPolicy.REPLACE: 1,
    }[case.task.spec.concurrency_policy]
    for span in spans:
        under_way = [other for other in spans if other.begin <= span.begin < other.end]
        if len(under_way) > allowed:
            text = (
                f"{len(under_way)} runs were under way at {rfc3339(span.begin)}, "
                f"expected at most {allowed}"
            )
            yield case.finding(Fault.OVERLAP, text)

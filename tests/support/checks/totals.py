"""Counters and watermark against records and schedule."""

from collections.abc import Iterator

from crontask_core.enums import Reason, RunStatus
from crontask_core.status import RunRecord
from tests.support.checks.finding import Case, Fault, Finding
from tests.support.evidence import AttemptKey


def find(case: Case) -> Iterator[Finding]:
    """Judge what the status of one task sums up."""
    if case.history_is_complete:
        yield from _counters(case)
    yield from _watermark(case)


def _counters(case: Case) -> Iterator[Finding]:
    last: dict[str, RunRecord] = {}
    for record in sorted(case.records.values(), key=lambda record: record.attempt):
        last[record.execution_id] = record
    waiting = {retry.execution_id for retry in case.task.status.pending_retries}
    ends = [
        record.status
        for record in last.values()
        # A run that was given up has a record, but its counter is another.
        if record.execution_id not in waiting and record.reason is not Reason.MISSED
    ]
    came = {call.scheduled_time for call in case.calls}
    counters = case.task.status.counters
    expected = {
        "succeeded": ends.count(RunStatus.SUCCEEDED),
        "failed": ends.count(RunStatus.FAILED),
        "retries": sum(_is_retry(key) for key in case.records),
    }
    for name, count in expected.items():
        found = getattr(counters, name)
        if found != count:
            text = f"counters.{name} is {found}, and the records tell of {count}"
            yield case.finding(Fault.MISCOUNTED, text)
    absent = sum(moment not in came for moment in case.demanded)
    if counters.missed + counters.skipped != absent:
        text = (
            f"{counters.missed} moments are counted as missed and {counters.skipped} as "
            f"skipped, and {absent} were not fired"
        )
        yield case.finding(Fault.MISCOUNTED, text)


def _is_retry(key: AttemptKey) -> bool:
    return key[1] > 1


def _watermark(case: Case) -> Iterator[Finding]:
    scheduled = [
        call.scheduled_time for call in case.calls if call.execution_id not in case.manual_ids
    ]
    expected = max([*case.demanded, *scheduled], default=None)
    found = case.task.status.last_scheduled_time
    if found != expected:
        text = f"lastScheduledTime is {found}, and the last moment dealt with is {expected}"
        yield case.finding(Fault.WATERMARK, text)

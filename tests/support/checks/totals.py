"""Counters and watermark against records and schedule."""

from collections.abc import Iterator

from crontask_core.enums import Reason, RunStatus
from crontask_core.status import RunRecord
from tests.support.checks.finding import Case, Fault, Finding
from tests.support.evidence import AttemptKey, ended


def find(case: Case) -> Iterator[Finding]:
    """Judge what the status of one task sums up."""
    if case.history_is_complete:
        yield from _counters(case)
    yield from _sums(case)
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


def _sums(case: Case) -> Iterator[Finding]:
    """Compare the counters with what arrived, however little the history has left of it.

    An attempt that a crash has repeated is one attempt, and is counted once: both calls
    bear its execution id and number. One that did not reach the target is known by its
    record alone, so that of a history that was cut the counters may tell of more. A run
    is counted at its end.
    """
    counters = case.task.status.counters
    unsent = sum(
        record.reason is not Reason.MISSED and record.key not in case.calls_by_attempt
        for record in case.records.values()
    )
    unended = {retry.execution_id for retry in case.task.status.pending_retries} | {
        record.execution_id for record in case.records.values() if not ended(record)
    }
    made = len(case.calls_by_attempt) + unsent - len(unended)
    counted = counters.succeeded + counters.failed + counters.retries
    some_are_unknown = unsent and not case.history_is_complete
    if counted < made or (counted > made and not some_are_unknown):
        text = (
            f"{counters.succeeded} runs are counted as succeeded, {counters.failed} as failed and "
            f"{counters.retries} retries, and {made} attempts of them were made"
        )
        yield case.finding(Fault.MISCOUNTED, text)
    came = {call.scheduled_time for call in case.calls}
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

"""What arrived against what the schedule demanded."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from crontask_core.identity import scheduled_execution_id
from crontask_core.spec import Retry
from crontask_core.times import rfc3339
from tests.support.checks.finding import Case, Fault, Finding
from tests.support.evidence import Call

CLOCK_TOLERANCE = timedelta(milliseconds=2)
"""Moments are cut to milliseconds on their way; nothing is early by less than this."""


def find(case: Case) -> Iterator[Finding]:
    """Judge the calls of one task by themselves."""
    scheduled = [call for call in case.calls if call.execution_id not in case.manual_ids]
    yield from _lost(case, scheduled)
    yield from _out_of_place(case, scheduled)
    yield from _repeated(case)
    yield from _attempts(case)


def _lost(case: Case, scheduled: list[Call]) -> Iterator[Finding]:
    came = {call.scheduled_time for call in scheduled}
    absent = [moment for moment in case.demanded if moment not in came]
    counters = case.task.status.counters
    excused = counters.missed + counters.skipped if case.may_miss else 0
    if len(absent) > excused:
        listed = ", ".join(map(rfc3339, absent[:5]))
        owned_up = f"; {excused} are counted as missed or skipped" if excused else ""
        yield case.finding(Fault.LOST, f"no call for {len(absent)} moments: {listed}{owned_up}")


def _out_of_place(case: Case, scheduled: list[Call]) -> Iterator[Finding]:
    demanded = set(case.demanded)
    for call in scheduled:
        moment = rfc3339(call.scheduled_time)
        expected = scheduled_execution_id(case.task.uid, call.scheduled_time)
        if call.scheduled_time <= case.until and call.scheduled_time not in demanded:
            yield case.finding(Fault.UNDEMANDED, f"a call for {moment}")
        if call.arrived < call.scheduled_time - CLOCK_TOLERANCE:
            yield case.finding(Fault.EARLY, f"{moment} came at {rfc3339(call.arrived)}")
        if call.execution_id != expected:
            text = f"{moment} came as {call.execution_id}, expected {expected}"
            yield case.finding(Fault.FOREIGN_ID, text)


def _repeated(case: Case) -> Iterator[Finding]:
    for (execution_id, attempt), calls in case.calls_by_attempt.items():
        for first, second in pairwise(calls):
            if not any(crash.excuses(first, second) for crash in case.crashes):
                text = (
                    f"attempt {attempt} of {execution_id} came at {rfc3339(first.arrived)} "
                    f"and at {rfc3339(second.arrived)}"
                )
                yield case.finding(Fault.REPEATED, text)


def _attempts(case: Case) -> Iterator[Finding]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for execution_id, attempt in case.calls_by_attempt:
        # The keys are in the order of each attempt's first arrival.
        numbers[execution_id].append(attempt)
    allowed = 1 + _retries(case.task.spec.retry)
    for execution_id, found in numbers.items():
        if found != list(range(1, len(found) + 1)) or len(found) > allowed:
            text = f"{execution_id} came as attempts {found}, of at most {allowed}"
            yield case.finding(Fault.ATTEMPTS, text)


def _retries(retry: Retry) -> int:
    return len(retry.delays_seconds) if retry.backoff is None else retry.backoff.attempts

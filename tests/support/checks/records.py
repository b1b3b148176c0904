"""What the records tell against what arrived."""

from collections import Counter
from collections.abc import Iterator

from crontask_core.enums import RunStatus
from crontask_core.status import RunRecord
from crontask_core.times import rfc3339
from tests.support.checks.finding import Case, Fault, Finding
from tests.support.evidence import Call, ended


def find(case: Case) -> Iterator[Finding]:
    """Judge the records of one task by its calls."""
    if case.history_is_complete:
        for key, calls in case.calls_by_attempt.items():
            if key not in case.records:
                moment = rfc3339(calls[0].scheduled_time)
                text = f"attempt {key[1]} of {key[0]}, for {moment}, has no record"
                yield case.finding(Fault.UNRECORDED, text)
    for key, count in Counter(record.key for record in case.task.status.runs).items():
        if count > 1:
            text = f"{count} records of attempt {key[1]} of {key[0]}"
            yield case.finding(Fault.CONTRADICTED, text)
    for record in case.records.values():
        yield from _judge(case, record, case.calls_by_attempt.get(record.key, []))
    yield from _left_over(case)


def _judge(case: Case, record: RunRecord, calls: list[Call]) -> Iterator[Finding]:
    name = f"attempt {record.attempt} of {record.execution_id}"
    if not ended(record) or record.status is RunStatus.STARTED:
        yield case.finding(Fault.UNFINISHED, f"the record of {name} has no end")
    answered = record.status is RunStatus.SUCCEEDED or record.code is not None
    if answered and not calls:
        yield case.finding(Fault.UNSEEN, f"{name} is {record.status}, and the target never saw it")
    times = {call.scheduled_time for call in calls}
    # A manual run is due when it is begun, and that is later when it is begun anew.
    if calls and record.scheduled_time not in times and record.execution_id not in case.manual_ids:
        came = ", ".join(sorted(map(rfc3339, times)))
        text = f"{name} is recorded for {rfc3339(record.scheduled_time)}, and came for {came}"
        yield case.finding(Fault.CONTRADICTED, text)
    if calls and record.run_type not in {call.run_type for call in calls}:
        text = f"{name} is recorded as {record.run_type}, and came as {calls[0].run_type}"
        yield case.finding(Fault.CONTRADICTED, text)


def _left_over(case: Case) -> Iterator[Finding]:
    status = case.task.status
    for run in status.active:
        text = f"attempt {run.attempt} of {run.execution_id} is still active"
        yield case.finding(Fault.UNFINISHED, text)
    for retry in status.pending_retries:
        text = f"attempt {retry.attempt} of {retry.execution_id} is still pending"
        yield case.finding(Fault.UNFINISHED, text)

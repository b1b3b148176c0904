"""A measure counts only if every call has its record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.audit import audit
from benchmarks.errors import BenchmarkError
from benchmarks.manifests import task
from crontask_core.enums import RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.times import rfc3339
from tests.support.evidence import Call, Crash

CREATED = datetime(2026, 3, 1, 11, 59, 30, tzinfo=UTC)
MINUTES = 12
LIMIT = 10
MOMENTS = [CREATED + timedelta(seconds=30, minutes=minute) for minute in range(MINUTES)]
UID = "6f1c0f6e"

Manifest = dict[str, Any]


def _call(moment: datetime) -> Call:
    execution_id = scheduled_execution_id(UID, moment)
    arrived = moment + timedelta(milliseconds=20)
    return Call("bench", "task-00000", execution_id, moment, 1, RunType.SCHEDULED, arrived)


def _record(moment: datetime) -> Manifest:
    return {
        "executionId": scheduled_execution_id(UID, moment),
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Succeeded",
        "scheduledTime": rfc3339(moment),
        "beginTime": rfc3339(moment + timedelta(milliseconds=10)),
        "endTime": rfc3339(moment + timedelta(milliseconds=30)),
        "code": 200,
        "reason": "OK",
    }


def _stored() -> Manifest:
    manifest = task("task-00000", "http://127.0.0.1:8099/ok", schedule="* * * * *")
    manifest["metadata"] |= {
        "namespace": "bench",
        "uid": UID,
        "creationTimestamp": rfc3339(CREATED),
    }
    manifest["status"] = {
        "lastScheduledTime": rfc3339(MOMENTS[-1]),
        "counters": {"succeeded": MINUTES, "failed": 0, "retries": 0, "skipped": 0, "missed": 0},
        "runs": [_record(moment) for moment in reversed(MOMENTS[-LIMIT:])],
    }
    return manifest


def test_calls_that_are_all_recorded_pass() -> None:
    audit([_stored()], [_call(moment) for moment in MOMENTS], until=MOMENTS[-1])


def _lose_a_call(manifest: Manifest, calls: list[Call]) -> None:
    del calls[4]
    manifest["status"]["counters"]["succeeded"] -= 1


def _lose_a_record(manifest: Manifest, calls: list[Call]) -> None:
    del manifest["status"]["runs"][-1]


def _forget_to_count(manifest: Manifest, calls: list[Call]) -> None:
    manifest["status"]["counters"]["succeeded"] -= 1


def _call_twice(manifest: Manifest, calls: list[Call]) -> None:
    calls.append(calls[-1])


def test_what_a_crash_has_repeated_is_no_fault() -> None:
    calls = [_call(moment) for moment in MOMENTS]
    again = replace(calls[-1], arrived=calls[-1].arrived + timedelta(seconds=15))
    crash = Crash(calls[-1].arrived + timedelta(seconds=1))

    audit([_stored()], [*calls, again], until=MOMENTS[-1], crashes=[crash])


@pytest.mark.parametrize("spoil", [_lose_a_call, _lose_a_record, _forget_to_count, _call_twice])
def test_whatever_is_lost_or_made_up_voids_the_measure(
    spoil: Callable[[Manifest, list[Call]], None],
) -> None:
    manifest, calls = _stored(), [_call(moment) for moment in MOMENTS]
    spoil(manifest, calls)

    with pytest.raises(BenchmarkError, match="faults"):
        audit([manifest], calls, until=MOMENTS[-1])

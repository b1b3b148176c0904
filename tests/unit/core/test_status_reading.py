"""A status that somebody else wrote counts as far as it can be read."""

from typing import Any

import pytest

from crontask_core.constants import MAX_UNDER_WAY
from crontask_core.enums import Phase
from crontask_core.status import Counters, CronTaskStatus
from crontask_core.status_reading import read_records, read_status

RECORD = {
    "executionId": "a",
    "runType": "Scheduled",
    "attempt": 1,
    "status": "Succeeded",
    "scheduledTime": "2026-03-01T12:00:00Z",
    "beginTime": "2026-03-01T12:00:00Z",
}
ACTIVE = {key: RECORD[key] for key in RECORD if key != "status"}
RETRY = {
    "executionId": "a",
    "attempt": 2,
    "scheduledTime": "2026-03-01T12:00:00Z",
    "dueTime": "2026-03-01T12:00:00Z",
    "firstBeginTime": "2026-03-01T12:00:00Z",
}


def test_what_this_version_wrote_is_read_whole() -> None:
    status, left_out = read_status({"phase": "Active", "active": [ACTIVE]}, CronTaskStatus)

    assert (status.phase, len(status.active), left_out) == (Phase.ACTIVE, 1, [])


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("phase", "Paused", "status.phase: Invalid enum value 'Paused'"),
        ("lastScheduledTime", "yesterday", "status.lastScheduledTime: Invalid RFC3339"),
        ("consecutiveFailures", "many", "status.consecutiveFailures: Expected `int`"),
        ("consecutiveFailures", -1, "status.consecutiveFailures: Expected `int` >= 0"),
        ("plan", {"fingerprint": "x"}, "status.plan: Object missing required field `since`"),
        ("active", [ACTIVE, {"executionId": "b"}], "status.active[1]: Object missing"),
        ("active", {}, "status.active: Expected `array`"),
        ("runs", [RECORD, RECORD | {"status": "Paused"}], "status.runs[1]: Invalid enum value"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_told(field: str, value: Any, reason: str) -> None:
    found = {"observedGeneration": 7, "counters": {"succeeded": 5}, field: value}

    status, left_out = read_status(found, CronTaskStatus)

    assert status.observed_generation == 7
    assert status.counters == Counters(succeeded=5)
    assert len(left_out) == 1
    assert left_out[0].startswith(reason)


def test_the_entries_of_a_list_that_can_be_read_count() -> None:
    found = {"active": [{"executionId": "b"}, ACTIVE], "runs": [RECORD, {}, RECORD]}

    status, left_out = read_status(found, CronTaskStatus)

    assert [run.execution_id for run in status.active] == ["a"]
    assert len(status.runs) == 2
    assert len(left_out) == 2


def test_of_an_object_the_fields_that_can_be_read_count() -> None:
    found = {"counters": {"succeeded": 5, "failed": -1, "retries": 2**63, "missed": "many"}}

    status, left_out = read_status(found, CronTaskStatus)

    assert status.counters == Counters(succeeded=5)
    assert [reason.partition(":")[0] for reason in left_out] == [
        "status.counters.failed", "status.counters.retries", "status.counters.missed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "number", "reasons"),
    [(None, 0, 0), ([], 0, 0), ([RECORD, {}], 1, 1), ("text", 0, 1), ([RECORD], 1, 0)],
)
def test_records_are_kept_as_they_are(found: object, number: int, reasons: int) -> None:
    records, left_out = read_records(found)

    assert records == [RECORD] * number
    assert len(left_out) == reasons


@pytest.mark.parametrize("name", ["active", "pendingRetries"])
def test_no_more_counts_than_can_be_under_way(name: str) -> None:
    entries = [
        (RETRY if name == "pendingRetries" else ACTIVE) | {"executionId": f"x{number}"}
        for number in range(7000)
    ]

    status, left_out = read_status({name: entries}, CronTaskStatus)

    kept = status.active or status.pending_retries
    assert [run.execution_id for run in kept] == [f"x{number}" for number in range(MAX_UNDER_WAY)]
    assert left_out == [f"status.{name}: expected at most {MAX_UNDER_WAY} entries, found 7000"]

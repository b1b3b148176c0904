"""The API server takes whatever status an operator may have to write."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.enums import Phase, Reason, RunStatus, RunType
from crontask_core.status import (
    ActiveRun,
    Condition,
    Counters,
    CronTaskStatus,
    LastRun,
    PendingRetry,
    Plan,
    RunRecord,
)
from dev.control_plane import ControlPlane
from dev.crd import load_schema, walk
from tests.support.crontasks import CronTasks, http_task, task

T0 = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
T1 = datetime(2026, 3, 29, 0, 30, 0, 250_000, tzinfo=UTC)
RUN = "0123456789abcdef0123456789abcdef"

RECORD = RunRecord(
    execution_id=RUN,
    run_type=RunType.RETRY,
    attempt=2,
    status=RunStatus.FAILED,
    scheduled_time=T0,
    begin_time=T0,
    end_time=T1,
    url="http://127.0.0.1:8099/status/503",
    body='{"report": "daily"}',
    response="Service Unavailable",
    code=503,
    reason=Reason.UNEXPECTED_STATUS,
    error="expected status 200-299, got 503",
    redrive_of=RUN,
)
FULL = CronTaskStatus(
    observed_generation=3,
    phase=Phase.ACTIVE,
    conditions=(
        Condition(
            type="Accepted",
            status="True",
            reason="Accepted",
            message="",
            last_transition_time=T0,
            observed_generation=3,
        ),
    ),
    plan=Plan(fingerprint="0123456789abcdef", since=T0, suspended=True, resumed_time=T1),
    next_run_time=T1,
    last_scheduled_time=T0,
    last_run=LastRun(execution_id=RUN, status=RunStatus.FAILED, run_type=RunType.RETRY, time=T1),
    last_success_time=T0,
    last_failure_time=T1,
    consecutive_failures=1,
    counters=Counters(succeeded=1, failed=2, retries=3, skipped=4, missed=5),
    handled_run_request="Sun Mar 29 02:30:00 CEST 2026",
    handled_redrives=(RUN,),
    active=(
        ActiveRun(
            execution_id=RUN,
            run_type=RunType.MANUAL,
            attempt=1,
            scheduled_time=T0,
            begin_time=T1,
            first_begin_time=T0,
            redrive_of=RUN,
            waiting=True,
        ),
    ),
    pending_retries=(
        PendingRetry(
            execution_id=RUN,
            attempt=3,
            scheduled_time=T0,
            due_time=T1,
            first_begin_time=T0,
            redrive_of=RUN,
        ),
    ),
    runs=(RECORD,),
)


@pytest.fixture
def crontasks(control_plane: ControlPlane, namespace: str) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client, namespace)


def as_json(status: CronTaskStatus) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(status))
    return decoded


def paths(value: object, prefix: str = "") -> set[str]:
    """Return the path of each field within `value`, as `walk` writes it."""
    if isinstance(value, dict):
        here = {f"{prefix}.{name}".strip(".") for name in value}
        return here.union(*(paths(child, f"{prefix}.{name}") for name, child in value.items()))
    if isinstance(value, list):
        return {f"{prefix}[]".strip(".")}.union(*(paths(entry, f"{prefix}[]") for entry in value))
    return set()


def test_every_field_is_kept_as_it_was_written(crontasks: CronTasks) -> None:
    crontasks.create(task())

    response = crontasks.merge_status(as_json(FULL))

    assert response.status_code == 200, response.text
    assert response.json()["status"] == as_json(FULL)
    assert msgspec.convert(response.json()["status"], CronTaskStatus) == FULL


def test_the_status_of_that_test_has_every_field_that_there_is() -> None:
    assert paths(as_json(FULL)) == {path for path, _ in walk(load_schema()["properties"]["status"])}


def test_an_operator_that_starts_with_nothing_to_say_can_say_it(crontasks: CronTasks) -> None:
    crontasks.create(task())

    response = crontasks.merge_status(as_json(CronTaskStatus()))

    assert response.status_code == 200, response.text
    assert msgspec.convert(response.json()["status"], CronTaskStatus) == CronTaskStatus()


def test_words_of_a_newer_operator_are_no_reason_to_lose_a_record(crontasks: CronTasks) -> None:
    crontasks.create(task())
    record = as_json(FULL)["runs"][0] | {"reason": "CircuitOpen", "runType": "Replay"}

    response = crontasks.merge_status({"phase": "Paused", "runs": [record]})

    assert response.status_code == 200, response.text
    assert response.json()["status"]["runs"] == [record]


def test_the_largest_task_and_its_longest_history_fit_into_etcd(crontasks: CronTasks) -> None:
    headers = [{"name": f"X-Header-{n}", "value": "v" * 4096} for n in range(32)]
    url = "http://127.0.0.1:8099/" + "p" * (2048 - 22)
    spec = http_task(url=url, headers=headers, body="b" * 262144) | {"historyLimit": 100}
    record = msgspec.structs.replace(
        RECORD, url=url, body="b" * RECORD_BODY_BYTES, response="r" * RECORD_BODY_BYTES
    )
    status = msgspec.structs.replace(FULL, runs=(record,) * 100)

    created = crontasks.create(spec)
    recorded = crontasks.merge_status(as_json(status))

    assert created.status_code == 201, created.text
    assert recorded.status_code == 200, recorded.text

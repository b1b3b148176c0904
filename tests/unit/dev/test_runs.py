"""The demo's log of runs: complete, in order, and honest about what is missing."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from dev.runs import RunLog
from dev.view import lines, table

STARTED = {
    "executionId": "a",
    "runType": "Scheduled",
    "attempt": 1,
    "status": "Started",
    "scheduledTime": "2026-03-01T10:00:00Z",
    "beginTime": "2026-03-01T10:00:00.012Z",
}
FAILED = {
    **STARTED,
    "status": "Failed",
    "endTime": "2026-03-01T10:00:01.512Z",
    "code": 503,
    "error": "expected status 200-299,\n got 503",
}
RETRIED = {
    **STARTED,
    "runType": "Retry",
    "attempt": 2,
    "status": "Succeeded",
    "beginTime": "2026-03-01T10:00:03Z",
    "endTime": "2026-03-01T10:00:03.004Z",
    "code": 200,
    "response": "[ok]",
}


def task(*newest_first: Mapping[str, Any], uid: str = "1", by: str = "kubectl") -> dict[str, Any]:
    labels = {"app.kubernetes.io/managed-by": "crontask-api"} if by == "facade" else {}
    return {
        "metadata": {"name": f"task-{uid}", "uid": uid, "labels": labels},
        "spec": {"taskName": "[red] report"} if by == "facade" else {},
        "status": {"runs": list(newest_first)},
    }


def test_runs_are_told_once_and_again_when_they_change() -> None:
    log = RunLog()

    assert [run.record.status for run in log.update([task(STARTED)])] == ["Started"]
    assert log.update([task(STARTED)]) == []
    assert [run.record.status for run in log.update([task(RETRIED, FAILED)])] == [
        "Failed",
        "Succeeded",
    ]
    assert [run.record.attempt for run in log.runs] == [1, 2]


def test_runs_that_left_the_status_stay_in_the_log() -> None:
    log = RunLog()
    log.update([task(FAILED)])
    log.update([task(RETRIED)])

    assert [run.record.attempt for run in log.runs] == [1, 2]


def test_a_task_without_a_status_has_no_runs() -> None:
    fresh = task()
    del fresh["status"]

    assert RunLog().update([fresh]) == []


@pytest.mark.parametrize(
    ("tasks", "missing"),
    [
        pytest.param([], ["kubectl", "facade"], id="nothing ran"),
        pytest.param([task(FAILED)], ["facade"], id="only kubectl's"),
        pytest.param([task(FAILED, by="facade")], ["kubectl"], id="only the facade's"),
        pytest.param(
            [task(FAILED), task(STARTED, uid="2", by="facade")], ["facade"], id="still running"
        ),
        pytest.param([task(FAILED), task(RETRIED, uid="2", by="facade")], [], id="both"),
    ],
)
def test_it_knows_whose_runs_are_missing(tasks: list[dict[str, Any]], missing: list[str]) -> None:
    log = RunLog()
    log.update(tasks)

    assert log.missing_origins() == missing


def test_a_line_has_all_that_is_known() -> None:
    log = RunLog()
    log.update([task(FAILED), task(RETRIED, uid="2", by="facade")])

    first, second = (" ".join(line.split()) for line in lines(log.runs))
    assert first.startswith("task-1 kubectl Scheduled ")
    assert first.endswith(".012 1500 ms Failed 503 expected status 200-299, got 503")
    assert second.startswith("[red] report facade Retry 2 ")
    assert second.endswith(".000 4 ms Succeeded 200 [ok]")


def test_the_table_shows_the_latest_and_takes_no_text_for_markup() -> None:
    log = RunLog()
    log.update([task(RETRIED, FAILED, by="facade")])
    screen = io.StringIO()
    Console(file=screen, width=140).print(table(log.runs, rows=1))

    assert "2 runs" in screen.getvalue()
    assert "[red] report" in screen.getvalue()
    assert "[ok]" in screen.getvalue()
    assert "503" not in screen.getvalue()

"""One tenant at its worst beside another, on a real API server with the chart's rights."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest

from crontask_core.constants import MAX_ACTIVE_RUNS
from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.support.crontasks import CronTasks, task
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync

CALL_LIMIT: Final = 80
GREEDY_SHARE: Final = 60
"""Of those calls, three quarters."""

EVERY_SECOND: Final = "* * * * * *"


@pytest.fixture
def greedy_namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace beside the test's own."""
    name = f"greedy-{uuid.uuid4().hex[:8]}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "crontasks", "--all", "--namespace", name, "--wait=false")
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


def hanging(echo: EchoServer, **spec: Any) -> dict[str, Any]:
    """Return a task whose target does not answer within the test."""
    http = {"url": f"{echo.url}/slow?seconds=600"}
    return task(callback={"http": http}, timeoutSeconds=3600, **spec)


def test_targets_that_hang_in_one_namespace_cost_another_no_run(
    control_plane: ControlPlane, namespace: str, greedy_namespace: str, echo: EchoServer
) -> None:
    settings = {"CRONTASK_CALL_LIMIT": str(CALL_LIMIT), "CRONTASK_DRAIN_SECONDS": "0"}
    with (
        control_plane.client() as client,
        run_operator(control_plane, None, settings=settings),
        ThreadPoolExecutor(8) as pool,
    ):
        greedy, victims = CronTasks(client, greedy_namespace), CronTasks(client, namespace)
        spec = hanging(echo, schedule=EVERY_SECOND)
        for answer in pool.map(lambda number: greedy.create(spec, f"greedy-{number}"), range(20)):
            answer.raise_for_status()
        eventually_sync(lambda: len(echo.received_on("/slow")) >= GREEDY_SHARE, 60)

        url = {"callback": {"http": {"url": f"{echo.url}/victim"}}}
        victims.create(task(**url, schedule=EVERY_SECOND), "victim").raise_for_status()
        eventually_sync(lambda: len(echo.received_on("/victim")) >= 10, 60)
        eventually_sync(lambda: len(victims.runs("victim")) >= 10, 60)

        status = victims.status("victim")
        moments = [datetime.fromisoformat(run["scheduledTime"]) for run in status["runs"]]
        assert all(
            later - next_one == timedelta(seconds=1) for later, next_one in pairwise(moments)
        )
        assert (status["counters"]["skipped"], status["counters"]["missed"]) == (0, 0)
        assert len(echo.received_on("/slow")) == GREEDY_SHARE

        events = json.loads(
            control_plane.kubectl("get", "events", "-n", greedy_namespace, "-o", "json")
        )["items"]
        told = {event["reason"]: event["message"] for event in events}
        assert f"{GREEDY_SHARE} are in flight" in told["ShareUsedUp"]
        eventually_sync(lambda: _skipped(greedy) > 0, 60)


def test_a_task_that_is_asked_for_runs_without_end_keeps_to_ten_and_a_small_status(
    control_plane: ControlPlane, namespace: str, echo: EchoServer
) -> None:
    settings = {"CRONTASK_DRAIN_SECONDS": "0"}
    with (
        control_plane.client() as client,
        run_operator(control_plane, namespace, settings=settings),
    ):
        tasks = CronTasks(client, namespace)
        tasks.create(hanging(echo, schedule="0 0 1 1 *")).raise_for_status()
        for number in range(100):
            tasks.request_run(f"{number} {'x' * 1000 * (number % 3)}")
        tasks.request_run("x" * 200_000)
        eventually_sync(lambda: len(tasks.status().get("active", [])) >= MAX_ACTIVE_RUNS, 60)
        eventually_sync(lambda: tasks.status()["counters"]["skipped"] > 0, 60)
        status = tasks.status()
        assert len(status["active"]) == MAX_ACTIVE_RUNS == len(echo.received_on("/slow"))
        assert len(json.dumps(status)) < 20_000


def _skipped(tasks: CronTasks) -> int:
    counters = [each.get("status", {}).get("counters", {}) for each in tasks.all()]
    return sum(counter.get("skipped", 0) for counter in counters)

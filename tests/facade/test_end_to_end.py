"""The whole way: a task added over HTTP calls its target, and its log reads over HTTP.

Two facades stand side by side, and each request may go to either.
"""

import time
from collections.abc import Iterator
from itertools import cycle

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.programs import Program
from tests.facade.client import Facade, Json, item
from tests.facade.cluster import CORE, create
from tests.facade.objects import Objects
from tests.support.programs import run_facade, run_operator
from tests.support.wait import eventually_sync


@pytest.fixture(scope="module", autouse=True)
def _operator(control_plane: ControlPlane) -> Iterator[None]:
    with run_operator(control_plane, None):
        yield


@pytest.fixture(scope="module")
def other_facade(control_plane: ControlPlane) -> Iterator[Program]:
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def facades(
    shared_facade: Program, other_facade: Program, namespace: str
) -> Iterator[Iterator[Facade]]:
    """Clients of one facade and the other in turn."""
    with (
        Facade(shared_facade.url, namespace) as one,
        Facade(other_facade.url, namespace) as other,
    ):
        yield cycle([one, other])


def _log(facade: Facade, name: str) -> list[Json]:
    entries: list[Json] = facade.data("query_task_status", {"name": name})["log_list"]
    return entries


def test_a_timestamp_with_retries_leaves_three_records(
    facades: Iterator[Facade], echo: EchoServer
) -> None:
    task = item(
        name="三次",
        type=1,
        start_time=int(time.time()),
        url=f"{echo.url}/fail-then-ok?times=2&key=three",
        redo_param="1 1",
        body='{"a": 1}',
    )
    assert next(facades).add(task)[0]["err"] == ""

    eventually_sync(lambda: [each["status"] for each in _log(next(facades), "三次")] == [2, 3, 3])

    log = _log(next(facades), "三次")
    assert [(entry["run_type"], entry["status"]) for entry in log] == [(2, 2), (2, 3), (1, 3)]
    assert {entry["execution_id"] for entry in log} == {log[0]["execution_id"]}
    assert log[0]["resp"] == "ok"
    assert [arrived.text for arrived in echo.received] == ['{"a": 1}'] * 3
    assert next(facades).get_one(name="三次")["phase"] == "Succeeded"


def test_a_cron_task_runs_pauses_and_resumes(facades: Iterator[Facade], echo: EchoServer) -> None:
    next(facades).add_one(name="x", type=2, start_time="* * * * * *", url=f"{echo.url}/ok")
    eventually_sync(lambda: len(echo.received) >= 2)

    next(facades).results("pause_task", {"name": "x"})
    eventually_sync(lambda: next(facades).get_one(name="x")["phase"] == "Suspended")
    paused_at = len(echo.received)
    next(facades).results("resume_task", {"name": "x"})
    eventually_sync(lambda: len(echo.received) > paused_at)


def test_a_changed_start_time_is_planned_at_once(
    facades: Iterator[Facade], echo: EchoServer
) -> None:
    next(facades).add_one(name="x", start_time="0 0 0 1 1 *", url=f"{echo.url}/get", method="get")
    eventually_sync(lambda: next(facades).get_one(name="x")["next_run_time"])

    next(facades).results("update_task", {"name": "x", "start_time": "* * * * * *"})

    eventually_sync(lambda: echo.received)
    assert echo.received[0].method == "GET"


def test_a_disabled_task_is_run_again_under_the_id_that_was_answered(
    facades: Iterator[Facade], echo: EchoServer
) -> None:
    next(facades).add_one(name="x", enable=2, url=f"{echo.url}/ok", resp_regexp="^ok$")

    (asked,) = next(facades).results("run_again_task", {"name": "x"})

    eventually_sync(lambda: _log(next(facades), "x"))
    (entry,) = _log(next(facades), "x")
    assert entry["execution_id"] == asked["execution_id"]
    assert (entry["run_type"], entry["status"]) == (3, 2)
    assert echo.received[0].headers["x-crontask-execution-id"] == asked["execution_id"]


def test_a_client_does_not_receive_the_secret_of_a_task(
    facades: Iterator[Facade],
    objects: Objects,
    kube: httpx.Client,
    namespace: str,
    echo: EchoServer,
) -> None:
    secret = {"metadata": {"name": "bank"}, "stringData": {"token": "Bearer the-jewel"}}
    create(kube, f"{CORE}/{namespace}/secrets", secret)
    header = {"name": "Authorization", "secretKeyRef": {"name": "bank", "key": "token"}}
    callback = {"http": {"url": f"{echo.url}/bank", "headers": [header]}}
    objects.create("payday", schedule="0 0 1 1 *", callback=callback)
    with EchoServer() as thief:
        stolen = {"task_id": "payday", "url": f"{thief.url}/thief"}
        assert next(facades).results("update_task", stolen)[0]["code"] == 4
        (run,) = next(facades).results("run_again_task", {"task_id": "payday"})
        assert run["err"] == ""

        eventually_sync(lambda: echo.received)

        assert echo.received[0].headers["authorization"] == "Bearer the-jewel"
        assert thief.received == []

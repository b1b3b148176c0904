"""The main job under the rights of an installed release, and nothing more.

The operator and the facade run as the release says: its commands, arguments, environment
and ServiceAccounts. The API server decides by the release's own Roles.
"""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.programs import LOOPBACK_TARGETS, wait_until_active
from dev.readiness import loopback_client
from tests.chart.cases import Values
from tests.chart.helm import Helm, dashboard_queries, only
from tests.chart.local_pod import LocalPod, run_container
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync

PAST = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Running:
    """A release whose containers run; its tasks are in `namespace`."""

    namespace: str
    operator: LocalPod
    facade: httpx.Client
    tasks: CronTasks


def cluster_wide(namespace: str) -> Values:
    """Return the values for an operator of all namespaces."""
    return {"facade": {"namespace": namespace}}


def namespaced(namespace: str) -> Values:
    """Return the values for one namespace alone."""
    return {"watchNamespaces": [namespace]}


@pytest.fixture(
    scope="module", params=[cluster_wide, namespaced], ids=["cluster-wide", "namespaced"]
)
def running(
    request: pytest.FixtureRequest,
    control_plane: ControlPlane,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """The release `crontask` in a namespace beside that of its tasks."""
    folder = tmp_path_factory.mktemp("release")
    helm = Helm(folder, control_plane.kubeconfig)
    home, namespace = (f"{use}-{uuid.uuid4().hex[:8]}" for use in ("system", "tasks"))
    values = request.param(namespace) | {
        "crds": {"install": False},
        "operator": {"settings": {"denyNetworks": LOOPBACK_TARGETS.split(",")}},
    }
    with ExitStack() as cleanup:
        for name in (home, namespace):
            control_plane.kubectl("create", "namespace", name)
            cleanup.callback(control_plane.kubectl, "delete", "namespace", name, "--wait=false")
        helm.install("crontask", home, values)
        cleanup.callback(helm.uninstall, "crontask", home)
        cleanup.callback(
            control_plane.kubectl, "delete", "crontasks", "--all", "-n", namespace, "--wait=false"
        )
        manifests = helm.manifest("crontask", home)
        operator, facade = (
            cleanup.enter_context(
                run_container(control_plane, only(manifests, "Deployment", name), folder)
            )
            for name in ("crontask-operator", "crontask-facade")
        )
        wait_until_active(operator)
        facade.wait_until_ready("/readyz")
        token = (folder / "tokens" / "token").read_text()
        client = cleanup.enter_context(loopback_client(facade.url))
        client.headers["Authorization"] = f"Bearer {token}"
        api = cleanup.enter_context(control_plane.client())
        yield Running(namespace, operator, client, CronTasks(api, namespace))


def test_tasks_of_kubectl_and_of_the_facade_run_and_are_recorded(
    control_plane: ControlPlane, running: Running, echo: EchoServer, tmp_path: Path
) -> None:
    secret = tmp_path / "target"
    secret.write_text("geheim-4711")
    control_plane.kubectl(
        "create", "secret", "generic", "target", f"--from-file=token={secret}",
        "-n", running.namespace,
    )  # fmt: skip
    header = {"name": "Authorization", "secretKeyRef": {"name": "target", "key": "token"}}
    flaky = {"url": f"{echo.url}/fail-then-ok?times=1", "headers": [header]}
    running.tasks.create(
        task(
            schedule=None, at=PAST, taskName="flaky",
            callback={"http": flaky}, retry={"delaysSeconds": [1]},
        )
    ).raise_for_status()  # fmt: skip
    added = post(
        running.facade,
        "add_task",
        {
            "name": "定时改价",
            "enable": 1,
            "module": 1,
            "type": 2,
            "start_time": "* * * * * *",
            "url": f"{echo.url}/ok?from=facade",
            "method": "post",
        },
    )
    assert added["task_result"][0]["err"] == ""

    eventually_sync(lambda: running.tasks.runs() == ["Retry 2 Succeeded", "Scheduled 1 Failed"])
    assert echo.received_on("/fail-then-ok")[0].headers["authorization"] == "geheim-4711"
    eventually_sync(lambda: logs(running.facade, "定时改价"))
    (first, *_) = logs(running.facade, "定时改价")
    assert (first["status"], first["resp"]) == (2, "ok")
    # By the name of a task that kubectl made, which is found by its field.
    assert [log["run_type"] for log in logs(running.facade, "flaky")] == [2, 1]

    def events() -> str:
        return control_plane.kubectl("events", "-n", running.namespace)

    eventually_sync(lambda: "Succeeded" in events())
    for endpoint in ("run_again_task", "update_task", "delete_task"):
        answer = post(running.facade, endpoint, {"name": "定时改价", "module": 2})
        assert answer["task_result"][0]["err"] == ""
    assert "forbidden" not in running.operator.log


def test_nobody_gets_in_without_the_token(running: Running) -> None:
    answer = running.facade.post(
        "/crontab/query_task_status",
        json={"task_list": []},
        headers={"Authorization": "Bearer wrong"},
    )
    assert answer.status_code == 401


def test_dashboard_and_alerts_ask_for_what_the_operator_serves(
    running: Running, helm: Helm, echo: EchoServer
) -> None:
    spec = task(schedule=None, at=PAST, callback={"http": {"url": f"{echo.url}/ok"}})
    running.tasks.create(spec, "measured").raise_for_status()
    eventually_sync(lambda: running.tasks.status("measured").get("phase") == "Succeeded")
    with loopback_client(running.operator.metrics_url) as client:
        served = set(re.findall(r"# TYPE (crontask_\w+)", client.get("/metrics").text))
    served = {name for name in served if not name.endswith("_created")}
    manifests = helm.template(
        {"monitoring": {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}}
    )
    dashboard = json.loads(
        only(manifests, "ConfigMap", "crontask-dashboard")["data"]["crontask.json"]
    )
    (group,) = only(manifests, "PrometheusRule")["spec"]["groups"]
    shown = metrics_of(dashboard_queries(dashboard))
    asked = metrics_of([rule["expr"] for rule in group["rules"]])
    # This operator keeps no history, so it has nothing to tell of one.
    for names in (shown, asked, served):
        names -= {name for name in names if name.startswith("crontask_history_")}
    assert shown == served
    assert asked <= served


def metrics_of(queries: list[str]) -> set[str]:
    """Return the metrics that the queries are about."""
    names = {name for query in queries for name in re.findall(r"\bcrontask_\w+", query)}
    return {name.removesuffix("_bucket") for name in names}


def post(facade: httpx.Client, endpoint: str, item: dict[str, Any]) -> dict[str, Any]:
    """Send one item to an endpoint of the facade; return the data of the answer."""
    answer = facade.post(f"/crontab/{endpoint}", json={"task_list": [item]}).raise_for_status()
    body: dict[str, Any] = answer.json()
    assert body["state"] == 0, body
    return dict(body["data"])


def logs(facade: httpx.Client, name: str) -> list[dict[str, Any]]:
    """Return the records of the task called `name`."""
    return list(post(facade, "query_task_status", {"name": name})["log_list"])

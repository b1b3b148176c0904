"""A release that keeps its runs in a PostgreSQL outside of the cluster."""

import socket
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.e2e.cluster import WAIT, Cluster
from tests.e2e.facade import Facade
from tests.e2e.target import Target
from tests.e2e.tasks import runs, task, wait_for_run
from tests.support.postgres import Postgres, run_postgres
from tests.support.wait import eventually_sync

NAMESPACE = "e2e-history"
KEPT = 25
"""Runs: more than a status holds."""


def _own_address(cluster: Cluster) -> str:
    """Return the address at which the cluster's pods reach this machine."""
    (node, *_) = cluster.get("nodes")["items"]
    addresses = {each["type"]: each["address"] for each in node["status"]["addresses"]}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        # Sends nothing: it only looks up by which of its addresses the node is reached.
        way.connect((addresses["InternalIP"], 9))
        return str(way.getsockname()[0])


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Postgres]:
    """A server that the pods can reach."""
    with run_postgres({"fsync": "off"}, address=_own_address(cluster)) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def _release(cluster: Cluster, database: Postgres) -> Iterator[None]:
    cluster.create_namespace(NAMESPACE)
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "crontask-history", "namespace": NAMESPACE},
            "stringData": {"url": database.url(database.new_database())},
        }
    )
    values = {
        "watchNamespaces": [NAMESPACE],
        "crds": {"install": False},
        "history": {"existingSecret": "crontask-history"},
    }
    cluster.helm("install", "cron", NAMESPACE, values)
    yield
    cluster.uninstall("cron", NAMESPACE)
    cluster.delete_namespace(NAMESPACE)


def test_runs_outlive_the_status_and_the_pod(cluster: Cluster, target: Target) -> None:
    facade = Facade(cluster, target, NAMESPACE, "cron-crontask-facade")
    cluster.apply(task("kept", NAMESPACE, f"{target.url}/kept"))
    wait_for_run(cluster, NAMESPACE, "kept", "Succeeded")

    def kept() -> list[datetime]:
        found = facade.ask("list_runs", {"name": "kept", "oldest_first": True, "limit": 1000})
        return [datetime.fromisoformat(each["scheduled_time"]) for each in found["run_list"]]

    (first, *_) = kept()
    cluster.kubectl(
        "delete", "pod", "--selector", "app.kubernetes.io/component=operator",
        "--namespace", NAMESPACE, "--timeout", WAIT,
    )  # fmt: skip
    eventually_sync(lambda: len(kept()) >= KEPT, 90, lambda: f"{KEPT} runs, found {kept()}")

    moments = kept()
    assert moments[0] == first
    assert len(set(moments)) == len(moments)
    in_status = [
        datetime.fromisoformat(run["scheduledTime"]) for run in runs(cluster, NAMESPACE, "kept")
    ]
    assert first < min(in_status)

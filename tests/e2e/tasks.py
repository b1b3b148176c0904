"""CronTasks on the cluster."""

from datetime import datetime
from typing import Any

from crontask_core.constants import API_VERSION, KIND
from tests.e2e.cluster import Cluster, Manifest

EVERY_SECOND = "* * * * * *"


def task(name: str, namespace: str, url: str, **spec: Any) -> Manifest:
    """Return a task that posts to `url` every second, but for `spec`."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"schedule": EVERY_SECOND, "callback": {"http": {"url": url}}} | spec,
    }


def wait_for_run(cluster: Cluster, namespace: str, name: str, status: str) -> None:
    """Wait until the latest attempt of a task has `status`."""
    path = f"jsonpath={{.status.lastRun.status}}={status}"
    where = ("--namespace", namespace, "--timeout", "60s")
    cluster.kubectl("wait", f"crontask/{name}", f"--for={path}", *where)


def runs(cluster: Cluster, namespace: str, name: str) -> list[dict[str, Any]]:
    """Return the records of a task, newest first."""
    status = cluster.get("crontask", name, "--namespace", namespace).get("status", {})
    return list(status.get("runs", []))


def scheduled_seconds(received: list[dict[str, Any]], name: str) -> list[int]:
    """Return, in order, the seconds for which calls of the task `name` arrived, each once."""
    return sorted(
        {
            int(datetime.fromisoformat(headers["x-crontask-scheduled-time"]).timestamp())
            for headers in (arrived["headers"] for arrived in received)
            if headers.get("x-crontask-name") == name
        }
    )

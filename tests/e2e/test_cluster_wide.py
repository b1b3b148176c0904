"""The life of one release that runs the tasks of the whole cluster, as its users see it."""

from collections.abc import Iterator

import pytest
import yaml

from dev.generate_chart import ROOT
from tests.e2e.cluster import IMAGE, WAIT, Cluster, Manifest
from tests.e2e.facade import Facade
from tests.e2e.target import Target
from tests.e2e.tasks import runs, scheduled_seconds, task, wait_for_run
from tests.support.wait import eventually_sync

NAMESPACE = "crontask"
LARGEST_IMAGE_BYTES = 450 * 1024 * 1024
"""Unpacked. A third is the base, a third the client of the Kubernetes API; SQLAlchemy and
the driver for the history and the cryptography of the console's sessions are a tenth."""
TASKS = "e2e-tasks"
BUSY = [f"busy-{number}" for number in range(25)]
FACADE = f"http://crontask-facade.{NAMESPACE}:6557"


@pytest.fixture(scope="module", autouse=True)
def _release(cluster: Cluster) -> Iterator[None]:
    for namespace in (NAMESPACE, TASKS):
        cluster.create_namespace(namespace)
    cluster.helm("install", "crontask", NAMESPACE, {"facade": {"namespace": TASKS}})
    yield
    cluster.uninstall("crontask", NAMESPACE)
    for namespace in (NAMESPACE, TASKS):
        cluster.delete_namespace(namespace)


@pytest.fixture
def facade(cluster: Cluster, target: Target) -> Facade:
    """A client of the facade's Service inside the cluster."""
    return Facade(cluster, target, NAMESPACE, "crontask-facade")


def test_the_pods_can_do_nothing_but_their_work(cluster: Cluster) -> None:
    for pod in pods(cluster):
        found = cluster.python(
            NAMESPACE,
            pod["metadata"]["name"],
            """
import os, shutil
def is_writable(folder):
    try:
        open(folder + "/probe", "w").close()
    except OSError:
        return False
    return True
tools = ("pip", "gcc", "cc", "make", "git", "curl", "wget")
print(os.getuid(), list(map(is_writable, ("/", "/app", "/tmp", "/var/tmp"))),
      [tool for tool in tools if shutil.which(tool)])
""",
        )
        assert found.strip() == "65532 [False, False, False, False] []"


def test_the_image_is_small_enough_to_start_soon(cluster: Cluster) -> None:
    images = cluster.get("nodes")["items"][0]["status"]["images"]
    (size,) = [image["sizeBytes"] for image in images if IMAGE in (image["names"] or ())]
    assert size < LARGEST_IMAGE_BYTES


def test_the_first_task_of_the_documentation_is_recorded(cluster: Cluster, facade: Facade) -> None:
    hello = yaml.safe_load((ROOT / "docs" / "hello.yaml").read_text(encoding="utf-8"))
    http = hello["spec"]["callback"]["http"]
    assert http["url"] == f"{FACADE}/healthz"
    http["url"] = f"{facade.url}/healthz"
    hello["metadata"]["namespace"] = TASKS
    cluster.apply(hello)
    wait_for_run(cluster, TASKS, "hello", "Succeeded")


def test_a_task_of_kubectl_is_called_and_recorded(cluster: Cluster, target: Target) -> None:
    flaky = f"{target.url}/fail-then-ok?times=1&key=kubectl"
    cluster.apply(
        task("of-kubectl", TASKS, flaky, schedule="0 0 1 1 *", retry={"delaysSeconds": [1]})
    )
    now = "crontask.dev/run-requested-at=now"
    cluster.kubectl("annotate", "crontask", "of-kubectl", now, "--namespace", TASKS)
    wait_for_run(cluster, TASKS, "of-kubectl", "Succeeded")
    assert [(run["runType"], run["status"]) for run in runs(cluster, TASKS, "of-kubectl")] == [
        ("Retry", "Succeeded"),
        ("Manual", "Failed"),
    ]


def test_a_task_of_the_facade_is_called_and_recorded(facade: Facade, target: Target) -> None:
    name = "定时改价"
    added = facade.post(
        "add_task",
        {
            "name": name,
            "enable": 1,
            "module": 1,
            "type": 2,
            "start_time": "* * * * * *",
            "url": f"{target.url}/ok?from=facade",
            "method": "post",
        },
    )
    assert added["task_result"][0]["err"] == ""
    eventually_sync(lambda: facade.post("query_task_status", {"name": name})["log_list"], 60)
    (record, *_) = facade.post("query_task_status", {"name": name})["log_list"]
    assert (record["status"], record["resp"]) == (2, "ok")
    assert facade.post("delete_task", {"name": name})["task_result"][0]["err"] == ""


def test_the_loss_of_the_owner_in_a_busy_minute_loses_nothing(
    cluster: Cluster, target: Target
) -> None:
    values = {"facade": {"namespace": TASKS, "replicas": 2}, "operator": {"replicas": 2}}
    cluster.helm("upgrade", "crontask", NAMESPACE, values)
    assert len(pods(cluster, "operator")) == 2

    url = f"{target.url}/ok"
    cluster.apply(*(task(name, TASKS, url, missedRunPolicy="All") for name in BUSY))
    eventually_sync(lambda: all(busy_seconds(target)), 60)
    owner = owner_of_the_tasks(cluster)
    assert errors(cluster) == []
    cluster.kubectl("delete", "pod", owner, "--namespace", NAMESPACE, "--timeout", WAIT)
    handed_over = max(map(max, busy_seconds(target)))
    eventually_sync(lambda: owner_of_the_tasks(cluster) != owner, 60)
    eventually_sync(
        lambda: all(arrived[-1] > handed_over + 15 for arrived in busy_seconds(target)), 120
    )
    for arrived in busy_seconds(target):
        assert arrived == list(range(arrived[0], arrived[-1] + 1))
    cluster.kubectl("delete", "crontasks", *BUSY, "--namespace", TASKS)


def test_a_rollback_goes_back_to_one_replica(cluster: Cluster) -> None:
    cluster.rollback("crontask", NAMESPACE, 1)
    eventually_sync(lambda: len(pods(cluster)) == 2, 60)
    before = runs(cluster, TASKS, "hello")[0]["scheduledTime"]
    eventually_sync(lambda: runs(cluster, TASKS, "hello")[0]["scheduledTime"] > before, 60)


def test_neither_logs_nor_events_tell_of_errors(cluster: Cluster) -> None:
    assert errors(cluster) == []
    warnings = [
        event["message"]
        for event in cluster.items("events", NAMESPACE)
        if event["type"] == "Warning"
        # Neither what starts nor what ends is ready; and not every cluster has DNS.
        and not event["message"].startswith(("Startup probe failed", "Readiness probe failed"))
        and event["reason"] != "MissingClusterDNS"
    ]
    assert warnings == []


def test_the_tasks_outlive_the_release(cluster: Cluster) -> None:
    cluster.uninstall("crontask", NAMESPACE)
    assert pods(cluster) == []
    names = [found["metadata"]["name"] for found in cluster.items("crontasks", TASKS)]
    assert sorted(names) == ["hello", "of-kubectl"]


def pods(cluster: Cluster, component: str = "") -> list[Manifest]:
    """Return the release's pods that are not about to end."""
    selector = "app.kubernetes.io/instance=crontask"
    if component:
        selector += f",app.kubernetes.io/component={component}"
    found = cluster.items("pods", NAMESPACE, "--selector", selector)
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def owner_of_the_tasks(cluster: Cluster) -> str:
    """Return the pod that holds the Lease, empty if none does."""
    lease = cluster.get("lease", "crontask-operator-0", "--namespace", NAMESPACE)
    return str(lease["spec"].get("holderIdentity", "")).rpartition("-")[0]


def busy_seconds(target: Target) -> list[list[int]]:
    """Return, for each busy task, the seconds for which the target was called."""
    received = target.received()
    return [scheduled_seconds(received, name) for name in BUSY]


def errors(cluster: Cluster) -> list[str]:
    """Return the lines of the pods' logs that tell of errors."""
    lines = [
        line
        for pod in pods(cluster)
        for line in cluster.kubectl(
            "logs", pod["metadata"]["name"], "--namespace", NAMESPACE, "--all-containers"
        ).splitlines()
    ]
    levels = ('"level": "error"', '"level": "critical"', "Traceback")
    return [line for line in lines if any(level in line for level in levels)]

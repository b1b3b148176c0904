"""Tools that know no CronTask wait for one as for anything else.

Flux and Helm judge by kstatus, `kubectl wait` by the condition Ready, and Argo CD by the
script for it. All are asked here about the same real objects.
"""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane, KubectlError
from dev.echo import EchoServer
from tests.support.argocd import run_script
from tests.support.crontasks import CronTasks, new_status, task
from tests.support.kstatus import Judgement, judge
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync

NEVER_SOON = "0 0 1 1 *"
PAST = "2026-01-01T00:00:00Z"
STATUSES = {
    "active": "Current",
    "failing": "Current",
    "suspended": "Current",
    "succeeded": "Current",
    "failed": "Failed",
    "invalid": "Failed",
}
HEALTH = {"Current": "Healthy", "InProgress": "Progressing", "Failed": "Degraded"}


@pytest.fixture
def tasks(control_plane: ControlPlane, namespace: str, echo: EchoServer) -> Iterator[CronTasks]:
    """A task for each way to stand, which no operator has seen yet."""
    good, bad = ({"http": {"url": echo.url + path}} for path in ("/ok", "/fail"))
    specs = {
        "active": task(schedule=NEVER_SOON, callback=good),
        "failing": task(schedule="* * * * * *", callback=bad),
        "suspended": task(schedule=NEVER_SOON, callback=good, suspend=True),
        "succeeded": task(schedule=None, at=PAST, callback=good),
        "failed": task(schedule=None, at=PAST, callback=bad),
        "invalid": task(schedule="61 * * * *", callback=good),
    }
    with control_plane.client() as client:
        tasks = CronTasks(client, namespace)
        for name, spec in specs.items():
            tasks.create(spec, name).raise_for_status()
        yield tasks


def statuses(tasks: CronTasks) -> dict[str, str]:
    """Return what kstatus makes of each task; Argo CD's script has to say the same."""
    objects = tasks.all()
    found = {name: judgement.status for name, judgement in judge(objects).items()}
    health = {
        each["metadata"]["name"]: run_script("health.lua", each)["status"] for each in objects
    }
    assert health == {name: HEALTH[status] for name, status in found.items()}
    return found


def test_a_new_task_is_in_progress_and_then_what_it_is(
    control_plane: ControlPlane, namespace: str, tasks: CronTasks
) -> None:
    (pending,) = new_status()["conditions"]
    assert tasks.status("active") == {
        "observedGeneration": -1,
        "consecutiveFailures": 0,
        "conditions": [{**pending, "observedGeneration": 0}],
    }
    assert statuses(tasks) == dict.fromkeys(STATUSES, "InProgress")

    with run_operator(control_plane, namespace):
        eventually_sync(lambda: "failed" in str(tasks.status("failing").get("counters")))
        eventually_sync(
            lambda: statuses(tasks) == STATUSES, 30, lambda: f"{STATUSES}: {tasks.all()}", every=0.5
        )
        accepted, *_ = tasks.status("invalid")["conditions"]
        failed = judge([tasks.get("invalid")])["invalid"]
        assert failed == Judgement("Failed", accepted["message"])

        # A change is in progress until the operator has taken it up, and a repair ends a stall.
        tasks.merge({"spec": {"schedule": NEVER_SOON}}, "invalid").raise_for_status()
        eventually_sync(lambda: judge([tasks.get("invalid")])["invalid"].status == "Current")

    tasks.merge({"spec": {"schedule": "1 1 1 1 *"}}, "active").raise_for_status()
    assert statuses(tasks)["active"] == "InProgress"


def test_kubectl_waits_until_a_task_is_ready(
    control_plane: ControlPlane, namespace: str, tasks: CronTasks
) -> None:
    def wait(name: str, seconds: int) -> str:
        return control_plane.kubectl(
            "wait", f"crontask/{name}", "--for=condition=Ready", f"--timeout={seconds}s",
            "--namespace", namespace,
        )  # fmt: skip

    with pytest.raises(KubectlError, match="timed out waiting"):
        wait("active", 1)
    with run_operator(control_plane, namespace):
        for name in ("active", "failing", "suspended", "succeeded"):
            assert "condition met" in wait(name, 30)
        with pytest.raises(KubectlError, match="timed out waiting"):
            wait("invalid", 1)
        assert "condition met" in control_plane.kubectl(
            "wait", "crontask/invalid", "--for=condition=Stalled", "--timeout=30s",
            "--namespace", namespace,
        )  # fmt: skip

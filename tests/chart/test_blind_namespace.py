"""One of several namespaces takes its rights back: its tasks stop, and the others' go on."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.programs import wait_until_active
from tests.chart.helm import Helm
from tests.chart.rights import Scene, release
from tests.chart.test_operator_rights import EVERY_SECOND, OPERATOR
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync

PATIENCE_SECONDS = 60


@pytest.fixture
def other_namespace(control_plane: ControlPlane) -> Iterator[str]:
    """Another namespace of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    control_plane.kubectl("create", "namespace", name)
    yield name
    control_plane.kubectl("delete", "crontasks", "--all", "--namespace", name, "--wait=false")
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


def test_what_may_not_be_read_any_more_stops_within_a_bounded_time(
    scene: Scene, helm: Helm, tmp_path: Path, other_namespace: str
) -> None:
    values = OPERATOR | {"watchNamespaces": [scene.namespace, other_namespace]}
    every_second = task(schedule=EVERY_SECOND, callback=scene.http())

    def calls(name: str) -> int:
        named = "x-crontask-name"
        return sum(call.headers.get(named) == name for call in scene.echo.received)

    def called_after(name: str, before: int) -> None:
        eventually_sync(lambda: calls(name) > before, PATIENCE_SECONDS, f"a call of {name}")

    with (
        scene.control_plane.client() as client,
        release(scene, helm, "operator", tmp_path, values, lost=None) as operator,
    ):
        others = CronTasks(client, other_namespace)
        wait_until_active(operator)
        scene.tasks.create(every_second, "seen").raise_for_status()
        others.create(every_second, "hidden").raise_for_status()
        others.create(every_second, "deleted").raise_for_status()
        for name in ("seen", "hidden", "deleted"):
            called_after(name, 1)

        bindings = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{other_namespace}/rolebindings"
        granted = client.get(bindings).raise_for_status().json()["items"]
        client.delete(bindings).raise_for_status()
        eventually_sync(
            lambda: f"Tasks of {other_namespace} may not be read" in operator.log,
            PATIENCE_SECONDS,
            "the operator to notice",
        )
        others.delete("deleted")
        before = {name: calls(name) for name in ("seen", "hidden", "deleted")}
        for _ in range(3):
            called_after("seen", calls("seen"))
        # A call may have been on its way.
        assert calls("hidden") <= before["hidden"] + 1
        assert calls("deleted") <= before["deleted"] + 1

        before = {name: calls(name) for name in ("hidden", "deleted")}
        for binding in granted:
            metadata = {"name": binding["metadata"]["name"]}
            client.post(bindings, json=binding | {"metadata": metadata}).raise_for_status()
        called_after("hidden", before["hidden"] + 2)
        assert calls("deleted") == before["deleted"]

"""Every right that the chart grants the operator is needed: without it, something fails.

Each story makes the operator need one right that it lacks, and the API server names the
right when it refuses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from dev.programs import LOOPBACK_TARGETS, wait_until_active
from tests.chart.cases import Values
from tests.chart.helm import Helm, Manifest
from tests.chart.rights import Right, Scene, granted, release
from tests.support.crontasks import CronTasks, task
from tests.support.wait import eventually_sync

PAST = "2026-01-01T00:00:00Z"
EVERY_SECOND = "* * * * * *"

OPERATOR: Values = {
    "facade": {"enabled": False},
    "operator": {
        "settings": {
            "denyNetworks": LOOPBACK_TARGETS.split(","),
            "logFormat": "console",
            # An Event that is refused is no more than a line for developers.
            "logLevel": "DEBUG",
            "leaseSeconds": 3,
        }
    },
}

LEASE = """
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: crontask-operator-0}
spec: {}
"""


def nothing(scene: Scene) -> None:
    """Need what a start needs."""


def one_run(scene: Scene) -> None:
    """Record a run."""
    scene.tasks.create(task(schedule=None, at=PAST, callback=scene.http())).raise_for_status()


def a_failure(scene: Scene) -> None:
    """Tell of a failed run."""
    spec = task(schedule=None, at=PAST, callback=scene.http("/fail"))
    scene.tasks.create(spec).raise_for_status()


def a_finished_task(scene: Scene) -> None:
    """Delete a task that has ended."""
    spec = task(schedule=None, at=PAST, callback=scene.http(), ttlSecondsAfterFinished=1)
    scene.tasks.create(spec).raise_for_status()


def a_secret(scene: Scene) -> None:
    """Send a header from a Secret."""
    header = {"name": "Authorization", "secretKeyRef": {"name": "target", "key": "token"}}
    spec = task(schedule=None, at=PAST, callback=scene.http(headers=[header]))
    scene.tasks.create(spec).raise_for_status()


def a_descriptor_set(scene: Scene) -> None:
    """Call a gRPC method that a ConfigMap describes."""
    grpc = {
        "address": "127.0.0.1:1",
        "service": "shop.v1.Reports",
        "method": "Send",
        "descriptorSetRef": {"name": "descriptors", "key": "set"},
    }
    scene.tasks.create(task(schedule=None, at=PAST, callback={"grpc": grpc})).raise_for_status()


def a_foreign_status(scene: Scene) -> None:
    """Write a status that somebody else has changed meanwhile."""
    spec = task(schedule=EVERY_SECOND, callback=scene.http())
    scene.tasks.create(spec).raise_for_status()
    eventually_sync(lambda: scene.tasks.runs())
    scene.tasks.merge_status({"consecutiveFailures": 41}).raise_for_status()


def a_foreign_lease(scene: Scene) -> None:
    """Find the Lease of the shard there, without the label by which it is listed."""
    scene.control_plane.kubectl("apply", "-n", scene.namespace, "-f", "-", stdin=LEASE)


@dataclass(frozen=True, slots=True)
class Story:
    """What happens `before` the operator starts, what `after`, and whether it then stops."""

    before: Callable[[Scene], None] = nothing
    after: Callable[[Scene], None] = nothing
    to_the_end: bool = False


OPERATOR_STORIES = {
    Right("list", "crontasks"): Story(),
    Right("watch", "crontasks"): Story(),
    Right("get", "crontasks"): Story(after=a_foreign_status),
    Right("delete", "crontasks"): Story(after=a_finished_task),
    Right("patch", "crontasks/status"): Story(after=one_run),
    Right("create", "events"): Story(after=a_failure),
    Right("get", "secrets"): Story(after=a_secret),
    Right("get", "configmaps"): Story(after=a_descriptor_set),
    Right("get", "leases"): Story(before=a_foreign_lease),
    Right("list", "leases"): Story(),
    Right("watch", "leases"): Story(),
    Right("create", "leases"): Story(),
    Right("patch", "leases"): Story(),
    Right("delete", "leases"): Story(to_the_end=True),
    Right("get", "endpointslices"): Story(),
}


@pytest.mark.parametrize("right", OPERATOR_STORIES, ids=str)
def test_the_operator_needs(right: Right, scene: Scene, helm: Helm, tmp_path: Path) -> None:
    story = OPERATOR_STORIES[right]
    story.before(scene)
    with release(scene, helm, "operator", tmp_path, OPERATOR, lost=right) as operator:
        if story.after is not nothing or story.to_the_end:
            wait_until_active(operator)
        story.after(scene)
        if story.to_the_end:
            operator.child.stop()
        eventually_sync(
            lambda: right.is_refused_in(f"{operator.log}{scene.tasks.all()}"),
            timeout=30,
            describe=f"the refusal to {right}",
        )


def test_one_that_does_not_see_the_tasks_owns_none(
    scene: Scene, helm: Helm, tmp_path: Path
) -> None:
    lost = Right("list", "crontasks")
    with release(scene, helm, "operator", tmp_path, OPERATOR, lost=lost) as operator:
        # Much later than a replica takes to become an owner.
        eventually_sync(lambda: "attempt #5 failed" in operator.log, timeout=60)
        assert scene.control_plane.kubectl("get", "leases", "-n", scene.namespace) == ""


def test_with_all_rights_nothing_is_refused(scene: Scene, helm: Helm, tmp_path: Path) -> None:
    a_foreign_lease(scene)
    secret = ("secret", "generic", "target", "--from-literal=token=t", "-n", scene.namespace)
    scene.control_plane.kubectl("create", *secret)
    with release(scene, helm, "operator", tmp_path, OPERATOR, lost=None) as operator:
        wait_until_active(operator)
        a_foreign_status(scene)
        stories = (one_run, a_failure, a_finished_task, a_secret, a_descriptor_set)
        for number, story in enumerate(stories):
            elsewhere = Renamed(scene.tasks, f"task-{number}")
            story(Scene(scene.control_plane, scene.namespace, elsewhere, scene.echo))
        ends = ["Active", "Succeeded", "Failed", "Succeeded", "Failed"]
        eventually_sync(lambda: phases(scene) == ends)
        seen = len(scene.echo.received)
        eventually_sync(lambda: len(scene.echo.received) > seen)
        operator.child.stop()
        assert "cannot" not in operator.log
        assert "cannot" not in str(scene.tasks.all())


def phases(scene: Scene) -> list[str | None]:
    """Return the phases of all tasks, by their names."""
    tasks = sorted(scene.tasks.all(), key=lambda found: str(found["metadata"]["name"]))
    return [found.get("status", {}).get("phase") for found in tasks]


class Renamed(CronTasks):
    """The same tasks; what is created gets another name."""

    def __init__(self, tasks: CronTasks, name: str) -> None:
        self._client, self._path = tasks._client, tasks._path
        self._name = name

    def create(
        self,
        spec: Manifest,
        name: str = "",
        *,
        dry_run: bool = False,
        labels: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Create a task of this object's name."""
        return super().create(spec, self._name, dry_run=dry_run, labels=labels)


def test_every_right_has_its_story(helm: Helm) -> None:
    assert granted(helm, "operator") == set(OPERATOR_STORIES)

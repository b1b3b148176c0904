"""Text of tasks that would be a path to what its author may not read, on a real API server.

The operator runs with the chart's own rights, which by default are those to read every
Secret of the cluster: what keeps an author in their namespace is the operator alone.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crontask_core.enums import Reason
from dev.control_plane import ControlPlane
from dev.crd import Schema, load_crd, walk
from dev.programs import LOOPBACK_TARGETS, wait_until_active
from tests.chart.cases import Values
from tests.chart.helm import Helm
from tests.chart.rights import Scene, release
from tests.support.api_server import apply_crd, reads
from tests.support.crontasks import CronTasks, Manifest, causes, task
from tests.support.wait import eventually_sync

PAST = "2026-01-01T00:00:00Z"
VALUES: Values = {
    # As shipped: the tasks of all namespaces.
    "watchNamespaces": [],
    "facade": {"enabled": False},
    "operator": {"settings": {"denyNetworks": LOOPBACK_TARGETS.split(",")}},
}
JEWEL = "the-jewel-of-team-b"
BAIT = {"name": "SECRET", "key": "jewel"}
"""A reference in a spec, to be replaced."""


@pytest.fixture
def team_b(control_plane: ControlPlane, namespace: str) -> Iterator[str]:
    """A neighbour's namespace, with the Secret and the ConfigMap that are the goal."""
    name = f"{namespace}-b"
    control_plane.kubectl("create", "namespace", name)
    for what in (["secret", "generic"], ["configmap"]):
        literal = f"--from-literal=jewel={JEWEL}"
        control_plane.kubectl("create", *what, "crown", literal, "-n", name)
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def loose_crd(control_plane: ControlPlane) -> Iterator[None]:
    """The CRD of the first release, which left the form of references open."""
    whole = copy.deepcopy(load_crd())
    (version,) = whole["spec"]["versions"]
    for path, field in walk(version["schema"]["openAPIV3Schema"]):
        if "Ref." in path:
            field.pop("x-kubernetes-validations", None)
    apply_crd(control_plane, whole, lambda tasks: _accepts(tasks, "../x"))
    yield
    _restore(control_plane)


def _restore(control_plane: ControlPlane) -> None:
    apply_crd(control_plane, load_crd(), lambda tasks: not _accepts(tasks, "../x"))


def _accepts(tasks: CronTasks, name: str) -> bool:
    spec = _spec({"headers": [{"name": "X-A", "secretKeyRef": BAIT}]}, name)
    return tasks.create(spec, "probe", dry_run=True).is_success


def _spec(http: Manifest, name: str, key: str = "jewel", url: str = "http://a.test/") -> Manifest:
    return task(schedule=None, at=PAST, callback={"http": _baited({"url": url} | http, name, key)})


def _baited(value: Any, name: str, key: str) -> Any:
    """Return `value` with the reference `BAIT` replaced."""
    if value == BAIT:
        return {"name": name, "key": key}
    if isinstance(value, dict):
        return {field: _baited(child, name, key) for field, child in value.items()}
    return [_baited(child, name, key) for child in value] if isinstance(value, list) else value


def _places(url: str) -> dict[str, Schema]:
    """Return a callback for every field that refers to a Secret or a ConfigMap."""
    address = urlsplit(url).netloc
    grpc = {"address": address, "service": "shop.v1.Reports", "method": "Send"}
    secure = url.replace("http:", "https:")
    header = {"name": "x-a", "secretKeyRef": BAIT}
    return {
        "http.headers[0].secretKeyRef": {"http": {"url": url, "headers": [header]}},
        "http.tls.caSecretRef": {"http": {"url": secure, "tls": {"caSecretRef": BAIT}}},
        "grpc.metadata[0].secretKeyRef": {"grpc": grpc | {"metadata": [header]}},
        "grpc.tls.caSecretRef": {"grpc": grpc | {"tls": {"caSecretRef": BAIT}}},
        "grpc.descriptorSetRef": {"grpc": grpc | {"descriptorSetRef": BAIT}},
    }


def test_no_reference_leads_out_of_the_namespace(
    scene: Scene, loose_crd: None, team_b: str, helm: Helm, tmp_path: Path
) -> None:
    own = "--from-literal=jewel=own"
    scene.control_plane.kubectl("create", "secret", "generic", "own", own, "-n", scene.namespace)
    names = (
        f"../../{team_b}/secrets/crown",
        f"../../{team_b}/configmaps/crown",
        f"..%2f..%2f{team_b}%2fsecrets%2fcrown",
        "../../../../../version",
        "?limit=1",
        "own?pretty=true",
        "own#",
        "./own",
        "..",
    )
    url = scene.echo.url + "/ok"
    expected: dict[str, str] = {}
    for place, callback in _places(url).items():
        for name in names:
            spec = task(schedule=None, at=PAST, callback=_baited(callback, name, "jewel"))
            scene.tasks.create(spec, f"old-{len(expected)}").raise_for_status()
            expected[f"old-{len(expected)}"] = f"spec.callback.{place}.name: "
    # By now they are what an upgrade finds.
    _restore(scene.control_plane)
    with scene.control_plane.client() as client:
        before = reads(client)
        with release(scene, helm, "operator", tmp_path, VALUES, lost=None) as operator:
            wait_until_active(operator)
            for name in expected:
                _ended(scene.tasks, name)
            asked = reads(client) - before
            # What is right goes on.
            headers = [{"name": "X-A", "secretKeyRef": BAIT}]
            scene.tasks.create(_spec({"headers": headers}, "own", url=url), "own")
            assert _ended(scene.tasks, "own")["phase"] == "Succeeded"
    runs = {name: scene.tasks.status(name)["runs"] for name in expected}

    for name, field in expected.items():
        assert {run["reason"] for run in runs[name]} == {Reason.INVALID_REQUEST}, runs[name]
        assert all(run["error"].startswith(field) for run in runs[name]), (field, runs[name])
    assert [call.headers.get("x-a") for call in scene.echo.received] == ["own"]
    assert JEWEL not in str(scene.tasks.all())
    # The API server was not even asked.
    assert (asked["secrets"], asked["configmaps"]) == (0, 0)


def _ended(tasks: CronTasks, name: str) -> Manifest:
    eventually_sync(
        lambda: tasks.status(name).get("phase") in ("Failed", "Succeeded"),
        timeout=60,
        describe=f"the end of {name}",
    )
    return tasks.status(name)


def test_a_new_object_with_such_a_reference_is_refused(scene: Scene) -> None:
    for place, callback in _places("http://a.test:80").items():
        spec = task(callback=_baited(callback, "../../team-b/secrets/crown", "jewel"))
        response = scene.tasks.create(spec, dry_run=True)
        assert response.status_code == 422, response.text
        assert [field for field, _ in causes(response)] == [f"spec.callback.{place}.name"]

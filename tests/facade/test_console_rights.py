"""In mode kubernetes a visitor sees and does what RBAC allows, and nothing else is offered."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.cluster import create_reader
from tests.facade.objects import Objects
from tests.facade.test_console_login import CONSOLE, log_in, mark_in
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

KUBERNETES = {**CONSOLE, "CRONTASK_API_AUTH": "kubernetes"}


@pytest.fixture(scope="module")
def cluster_console(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console and auth=kubernetes, with the chart's rights."""
    with run_facade(control_plane, "default", settings=KUBERNETES) as program:
        yield program


@pytest.fixture
def other(kube: httpx.Client, namespace: str) -> Iterator[Objects]:
    """The tasks of a namespace that the reader may not see."""
    name = f"{namespace}-other"
    kube.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield Objects(kube, name)
    kube.delete(Objects(kube, name).path)
    kube.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def reader(
    control_plane: ControlPlane,
    kube: httpx.Client,
    namespace: str,
    objects: Objects,
    other: Objects,
    cluster_console: Program,
) -> Iterator[httpx.Client]:
    """A browser of somebody who may read the test's namespace, and is logged in."""
    objects.create("mine", taskName="My task")
    other.create("theirs", taskName="Their task")
    create_reader(kube, namespace, "client")
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    with plain_client(cluster_console.url) as client:
        assert log_in(client, token).status_code == 303
        eventually_sync(lambda: "My task" in client.get("/console/tasks").text)
        yield client


def test_other_namespaces_are_not_there(reader: httpx.Client, other: Objects) -> None:
    theirs = other.path.split("/")[-2]
    for path in ("/console/", "/console/tasks", f"/console/tasks?namespace={theirs}"):
        page = reader.get(path).text
        assert "Their task" not in page
        assert f'<option value="{theirs}"' not in page
    # As if there were no such task, so that nobody learns which ones there are.
    found, missing = (reader.get(f"/console/tasks/{theirs}/{name}") for name in ("theirs", "no"))
    assert (found.status_code, missing.status_code) == (404, 404)
    assert "Their task" not in found.text


def test_what_is_not_allowed_is_not_offered_and_not_done(
    reader: httpx.Client, objects: Objects, other: Objects, namespace: str
) -> None:
    for path in ("/console/tasks", f"/console/tasks/{namespace}/mine"):
        assert 'name="action"' not in reader.get(path).text

    mark = mark_in(reader.get("/console/tasks").text)
    theirs = f"{other.path.split('/')[-2]}/theirs"
    for action in ("pause", "delete"):
        data = {"mark": mark, "action": action, "task": f"{namespace}/mine"}
        answer = reader.post("/console/tasks/do", data=data)
        assert "1 task failed" in answer.text
        assert "may not" in answer.text
        refused = reader.post("/console/tasks/do", data={**data, "task": theirs})
        assert refused.status_code == 422
    assert objects.get("mine")["spec"].get("suspend", False) is False
    assert other.names() == ["theirs"]


def test_changes_are_logged_with_the_user(
    reader: httpx.Client, cluster_console: Program, namespace: str
) -> None:
    mark = mark_in(reader.get("/console/tasks").text)
    data = {"mark": mark, "action": "run", "task": f"{namespace}/mine"}
    reader.post("/console/tasks/do", data=data)
    log = cluster_console.child.log.read_text()
    lines = [line for line in log.splitlines() if "changed by the console" in line]
    (line,) = [each for each in lines if namespace in each]
    assert f"system:serviceaccount:{namespace}:client" in line
    assert "action=run" in line


def test_rights_that_are_taken_away_end_within_seconds(
    reader: httpx.Client, kube: httpx.Client, namespace: str
) -> None:
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings"
    kube.delete(path).raise_for_status()
    eventually_sync(lambda: "My task" not in reader.get("/console/tasks").text, timeout=30)
    assert reader.get(f"/console/tasks/{namespace}/mine").status_code == 404

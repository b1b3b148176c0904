"""The console's view of the cluster: one watch, whoever looks, and a word when it is lost."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.objects import Objects
from tests.facade.test_console_login import CONSOLE
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

STOPPED_WITHIN_SECONDS = 10.0
"""Far less than the 20 s that answers under way get."""


@pytest.fixture(scope="module")
def own_plane() -> Iterator[ControlPlane]:
    """An API server that a test may stop."""
    with ControlPlane() as running:
        running.install_crds()
        yield running


def test_it_says_that_the_api_server_is_away_and_recovers(own_plane: ControlPlane) -> None:
    with own_plane.client() as kube:
        Objects(kube, "default").create("first", taskName="First task")
    with (
        run_facade(own_plane, "default", settings=CONSOLE) as program,
        plain_client(program.url) as visitor,
    ):
        eventually_sync(lambda: "First task" in visitor.get("/console/tasks").text)
        own_plane.stop_api_server()
        eventually_sync(lambda: "may be out of date" in visitor.get("/console/tasks").text, 30)
        # What was known is still there.
        assert "First task" in visitor.get("/console/tasks").text
        assert visitor.get("/console/tasks/default/first").status_code in (200, 503)

        own_plane.start_api_server()
        with own_plane.client() as kube:
            Objects(kube, "default").create("second", taskName="Second task")
        eventually_sync(lambda: "Second task" in visitor.get("/console/tasks").text, 60)
        eventually_sync(lambda: "may be out of date" not in visitor.get("/console/").text, 60)


def test_readiness_does_not_wait_for_it(control_plane: ControlPlane) -> None:
    # A namespace that the facade may not list, by the rights that the chart gives it here.
    settings = {"CRONTASK_API_CONSOLE": "true", "CRONTASK_API_ALLOWED_NAMESPACES": "elsewhere"}
    with run_facade(control_plane, "default", settings=settings) as program:
        page = httpx.get(f"{program.url}/console/tasks", trust_env=False).text
        eventually_sync(
            lambda: "forbidden" in httpx.get(f"{program.url}/console/", trust_env=False).text
        )
        assert "Reading the tasks" in page


def test_viewers_cost_the_api_server_nothing(
    control_plane: ControlPlane, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A task")
    with (
        run_facade(control_plane, "default", settings=CONSOLE) as program,
        plain_client(program.url) as visitor,
    ):
        eventually_sync(lambda: "A task" in visitor.get("/console/tasks").text)
        visitor.get(f"/console/tasks/{namespace}/a")
        before = _asked(visitor)
        for _ in range(50):
            visitor.get("/console/")
            visitor.get(f"/console/tasks?namespace={namespace}")
            visitor.get(f"/console/tasks/{namespace}/a")
        assert _asked(visitor) == before


def _asked(visitor: httpx.Client) -> float:
    lines = visitor.get("/metrics").text.splitlines()
    name = 'crontask_api_kubernetes_request_seconds_count{method="GET",outcome="OK"}'
    (count,) = [line.split()[-1] for line in lines if line.startswith(name)]
    return float(count)


def test_a_stream_tells_that_something_changed(
    console_program: Program, objects: Objects, namespace: str
) -> None:
    objects.create("a")
    path = f"{console_program.url}/console/events?namespace={namespace}&name=a"
    with httpx.Client(trust_env=False, timeout=30) as client, client.stream("GET", path) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": still here"
        objects.set_status("a", phase="Active")
        assert "event: changed" in lines
    assert stream.headers["Content-Type"].startswith("text/event-stream")


@pytest.fixture
def console_program(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console."""
    with run_facade(control_plane, "default", settings=CONSOLE) as program:
        yield program


def test_open_pages_do_not_keep_a_facade_from_stopping(console_program: Program) -> None:
    url = f"{console_program.url}/console/events"
    with httpx.Client(trust_env=False, timeout=30) as client, client.stream("GET", url) as stream:
        # Kept: the connection is closed with the generator.
        lines = stream.iter_lines()
        assert next(lines) == ": still here"
        # Answers that are under way get 20 s; one that did not end would be killed.
        assert console_program.child.stop(grace=STOPPED_WITHIN_SECONDS) == 0

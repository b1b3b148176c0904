"""What the console tells of a real operator: its replicas, its shards, and its Events."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import plain_client
from tests.facade.objects import Objects
from tests.facade.test_console_login import CONSOLE
from tests.support.programs import run_facade, run_operator
from tests.support.wait import eventually_sync


@pytest.fixture
def visitor(control_plane: ControlPlane, namespace: str) -> Iterator[httpx.Client]:
    """A browser of a console that looks at the Leases in the test's namespace."""
    settings = {"CRONTASK_API_CONSOLE": "true", "CRONTASK_API_CONSOLE_LEASE_NAMESPACE": namespace}
    with (
        run_facade(control_plane, namespace, settings=settings) as program,
        plain_client(program.url) as client,
    ):
        yield client


def test_replicas_shards_and_events(
    control_plane: ControlPlane, visitor: httpx.Client, objects: Objects, namespace: str
) -> None:
    assert "0 of 0 replicas alive" in visitor.get("/console/").text
    with run_operator(control_plane, namespace):
        objects.create("refused", taskName="Refused", schedule="* * * * * *")
        eventually_sync(lambda: "1 of 1 replicas alive" in visitor.get("/console/").text)
        overview = visitor.get("/console/").text
        assert "1 of 1 shards have an owner" in overview
        assert "Owns shard 0" in overview

        path = f"/console/tasks/{namespace}/refused"
        eventually_sync(lambda: "A run failed." in visitor.get(path).text, timeout=40)
    # It gave its shard back when it was stopped.
    eventually_sync(lambda: "without: 0" in visitor.get("/console/").text)


def test_where_it_is_not_known_nothing_is_said(control_plane: ControlPlane) -> None:
    with (
        run_facade(control_plane, "default", settings=CONSOLE) as program,
        plain_client(program.url) as client,
    ):
        page = client.get("/console/").text
        assert "replicas" not in page
        assert "cannot be read" not in page

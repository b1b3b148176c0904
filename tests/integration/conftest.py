"""Fixtures of the integration tests."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.support.crontasks import CronTasks
from tests.support.stage import Stage


@pytest.fixture
def stage(control_plane: ControlPlane, namespace: str, echo: EchoServer) -> Iterator[Stage]:
    """Where a fault story plays: a namespace and a target of the test's own."""
    with control_plane.client() as client:
        yield Stage(CronTasks(client, namespace), namespace, echo)

"""Fixtures of the chart's tests."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.chart.helm import Helm
from tests.chart.rights import Scene
from tests.support.crontasks import CronTasks


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm without a cluster."""
    return Helm(tmp_path_factory.mktemp("helm"))


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, echo: EchoServer) -> Iterator[Scene]:
    """A namespace with a target, and nobody there yet."""
    with control_plane.client() as client:
        yield Scene(control_plane, namespace, CronTasks(client, namespace), echo)

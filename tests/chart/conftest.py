"""Fixtures of the chart's tests."""

from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from tests.chart.helm import Helm


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm without a cluster."""
    return Helm(tmp_path_factory.mktemp("helm"))


@pytest.fixture
def cluster_helm(control_plane: ControlPlane, tmp_path: Path) -> Helm:
    """Helm as the administrator of the session's API server."""
    return Helm(tmp_path, control_plane.kubeconfig)

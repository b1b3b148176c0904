"""The end-to-end tests stay away from clusters that are not for them."""

from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from tests.e2e.cluster import Cluster, ClusterError


def test_a_foreign_context_is_refused(
    control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    with pytest.raises(ClusterError, match="found 'crontask-dev'"):
        Cluster()


def test_no_context_is_refused_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(ClusterError, match="current-context is not set"):
        Cluster()

"""`helm install --wait` waits for the CronTasks of a chart, and fails with one that is invalid."""

from pathlib import Path

import pytest
import yaml

from dev.control_plane import ControlPlane
from tests.chart.helm import Helm, HelmError
from tests.support.crontasks import manifest, task
from tests.support.programs import run_operator

PATIENCE = ("--wait", "--timeout", "60s")


@pytest.fixture
def cluster_helm(control_plane: ControlPlane, tmp_path: Path) -> Helm:
    """Helm as the administrator of the cluster."""
    return Helm(tmp_path / "helm", control_plane.kubeconfig)


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart without anything in it."""
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    description = {"apiVersion": "v2", "name": "reports", "version": "1.0.0"}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(description))
    return folder


def add(chart: Path, name: str, schedule: str) -> None:
    """Add a task to `chart`."""
    content = yaml.safe_dump(manifest(task(schedule=schedule), name))
    (chart / "templates" / f"{name}.yaml").write_text(content)


def test_an_invalid_task_fails_the_installation_and_its_repair_mends_it(
    control_plane: ControlPlane, cluster_helm: Helm, namespace: str, chart: Path
) -> None:
    add(chart, "daily", "30 9 * * *")
    add(chart, "wrong", "61 9 * * *")
    with run_operator(control_plane, namespace):
        with pytest.raises(HelmError) as failure:
            cluster_helm.install("reports", namespace, {}, chart, *PATIENCE)
        said = str(failure.value)
        assert f"CronTask/{namespace}/wrong not ready. status: Failed, message: " in said
        assert "schedule" in said
        assert "61" in said
        assert "daily not ready" not in said

        add(chart, "wrong", "1 9 * * *")
        cluster_helm.upgrade("reports", namespace, {}, chart, *PATIENCE)


def test_without_an_operator_the_installation_says_that_nobody_took_the_task_up(
    cluster_helm: Helm, namespace: str, chart: Path
) -> None:
    add(chart, "daily", "30 9 * * *")
    with pytest.raises(HelmError) as failure:
        cluster_helm.install("reports", namespace, {}, chart, "--wait", "--timeout", "2s")
    assert f"CronTask/{namespace}/daily not ready. status: InProgress" in str(failure.value)

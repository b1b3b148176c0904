"""The life of a release on a real API server: installed, upgraded, rolled back, removed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.control_plane import ControlPlane
from dev.generate_chart import CHART
from tests.chart.helm import Helm, HelmError
from tests.support.crontasks import URL

NAMESPACE = "crontask-system"
LATER_FIELD = "ttlSecondsAfterFinished"
KEPT = [
    "secret/crontask-console-key",
    "secret/crontask-facade-token",
    "customresourcedefinition.apiextensions.k8s.io/crontasks.crontask.dev",
]


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    """A control plane of the test's own, without CronTasks: the chart is to bring them."""
    with ControlPlane() as running:
        running.kubectl("create", "namespace", NAMESPACE)
        yield running


@pytest.fixture
def helm(plane: ControlPlane, tmp_path: Path) -> Helm:
    """Helm as its administrator."""
    return Helm(tmp_path / "helm", plane.kubeconfig)


@pytest.fixture
def older_chart(tmp_path: Path) -> Path:
    """An earlier version of the chart, whose definition lacks a field."""
    chart = tmp_path / "older" / "crontask"
    shutil.copytree(CHART, chart)
    (path,) = (chart / "files").glob("crontasks.*.yaml")
    crd = yaml.safe_load(path.read_text(encoding="utf-8"))
    (version,) = crd["spec"]["versions"]
    del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"][LATER_FIELD]
    path.write_text(yaml.safe_dump(crd), encoding="utf-8")
    description = (chart / "Chart.yaml").read_text(encoding="utf-8")
    (chart / "Chart.yaml").write_text(
        description.replace("\nversion: ", "\nversion: 0.0.1-before."), encoding="utf-8"
    )
    return chart


def test_a_release_lives_and_leaves_the_tasks(
    plane: ControlPlane, helm: Helm, older_chart: Path
) -> None:
    notes = helm.install("crontask", NAMESPACE, chart=older_chart)
    assert "kubectl get secret --namespace crontask-system crontask-facade-token" in notes
    apply_example(plane, notes)
    token = facade_token(plane)
    assert LATER_FIELD not in spec_fields(plane)

    # The definition is upgraded with the rest.
    helm.upgrade("crontask", NAMESPACE, {"operator": {"replicas": 2, "settings": {"shards": 8}}})
    assert LATER_FIELD in spec_fields(plane)
    assert replicas(plane) == 2
    assert facade_token(plane) == token

    # A token that a person replaced, perhaps because it leaked, does not come back.
    plane.kubectl(
        "patch", "secret", "crontask-facade-token", "-n", NAMESPACE, "--type=merge",
        "--patch", json.dumps({"stringData": {"token": "rotated", "second": "client"}}),
    )  # fmt: skip
    helm.upgrade("crontask", NAMESPACE, {"operator": {"replicas": 1}})
    rotated = facade_token(plane)
    assert rotated.keys() == {"token", "second"}
    assert rotated["token"] != token["token"]
    assert replicas(plane) == 1

    helm.rollback("crontask", NAMESPACE, revision=2)
    assert replicas(plane) == 2
    helm.rollback("crontask", NAMESPACE, revision=1)
    assert replicas(plane) == 1
    assert LATER_FIELD not in spec_fields(plane)
    assert facade_token(plane) == rotated

    assert "crontasks.crontask.dev" in helm.uninstall("crontask", NAMESPACE)
    assert plane.kubectl("get", "crontasks", "-n", "default", "-o", "name").split() == [
        "crontask.crontask.dev/hello"
    ]
    assert left_over(plane) == KEPT

    # Who installs it again gets the definition back.
    helm.install("crontask", NAMESPACE)
    assert LATER_FIELD in spec_fields(plane)
    assert facade_token(plane) == rotated


def test_without_keep_the_tasks_go_with_the_release(plane: ControlPlane, helm: Helm) -> None:
    helm.install("crontask", NAMESPACE, {"crds": {"keep": False}})
    helm.uninstall("crontask", NAMESPACE)
    assert left_over(plane) == KEPT[:2]


def test_a_definition_of_somebody_else_is_not_taken_over(plane: ControlPlane, helm: Helm) -> None:
    plane.install_crds()
    with pytest.raises(HelmError, match="invalid ownership metadata"):
        helm.install("crontask", NAMESPACE)
    helm.install("crontask", NAMESPACE, {"crds": {"install": False}})


def test_namespaced_releases_stand_side_by_side(plane: ControlPlane, helm: Helm) -> None:
    for team in ("team-a", "team-b"):
        plane.kubectl("create", "namespace", team)
        owner = team == "team-a"
        values: dict[str, Any] = {"watchNamespaces": [team], "crds": {"install": owner}}
        helm.install("crontask", team, values)
    accounts = plane.kubectl("get", "deployments", "--all-namespaces", "-o", "name").split()
    assert len(accounts) == 4


def apply_example(plane: ControlPlane, notes: str) -> None:
    """Apply the CronTask that the notes tell the user to paste."""
    lines = [line[2:] for line in notes.partition("<<EOF\n")[2].partition("  EOF")[0].splitlines()]
    plane.kubectl("apply", "-f", "-", stdin="\n".join(lines).replace("http://my-service", URL))


def facade_token(plane: ControlPlane) -> dict[str, str]:
    """Return the keys of the facade's Secret, encoded."""
    secret = plane.kubectl("get", "secret", "crontask-facade-token", "-n", NAMESPACE, "-o", "json")
    return dict(json.loads(secret)["data"])


def replicas(plane: ControlPlane) -> int:
    """Return how many operators there should be."""
    path = "jsonpath={.spec.replicas}"
    return int(plane.kubectl("get", "deployment", "crontask-operator", "-n", NAMESPACE, "-o", path))


def spec_fields(plane: ControlPlane) -> list[str]:
    """Return the fields of a CronTask's spec that the API server knows."""
    crd = json.loads(plane.kubectl("get", "crd", "crontasks.crontask.dev", "-o", "json"))
    (version,) = crd["spec"]["versions"]
    return list(version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"])


def left_over(plane: ControlPlane) -> list[str]:
    """Return what carries the chart's labels."""
    kinds = plane.kubectl("api-resources", "--verbs=list", "-o", "name").split()
    stored = ",".join(kind for kind in kinds if kind != "crontasks.crontask.dev")
    label = "app.kubernetes.io/part-of=crontask"
    return plane.kubectl("get", stored, "-A", "-l", label, "-o", "name").split()

"""kube-score finds in the chart what is explained in docs/design/chart.md, and nothing else."""

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from dev import tools
from tests.chart.cases import HA
from tests.chart.helm import Helm, Manifest
from tests.support.documented import ROOT

EXPLAINED = set(
    re.findall(
        r"(?m)^\| ([A-Z].+?) \| .+ \|$",
        (ROOT / "docs" / "design" / "chart.md").read_text(encoding="utf-8").partition("| --- ")[2],
    )
)
GOOD = 10
"""The grade of a check that found nothing."""


def findings(manifests: list[Manifest]) -> set[str]:
    """Return what kube-score finds in the objects, in its words."""
    result = subprocess.run(
        [tools.ensure("kube-score"), "score", "--output-format=json", "-"],
        input=yaml.safe_dump_all(manifests),
        capture_output=True,
        text=True,
        check=False,
    )
    # It ends with 1 if there are findings that it calls critical.
    assert result.returncode in (0, 1), result.stderr
    objects: list[dict[str, Any]] = json.loads(result.stdout)
    assert any("Deployment" in each["object_name"] for each in objects)
    return {
        comment["summary"]
        for each in objects
        for check in each["checks"]
        if not check["skipped"] and check["grade"] < GOOD
        for comment in check["comments"] or [{"summary": check["check"]["name"]}]
    }


def test_each_finding_is_explained_and_each_explanation_is_of_a_finding(helm: Helm) -> None:
    assert findings(helm.template()) | findings(helm.template(HA)) == EXPLAINED


def test_a_chart_without_its_confinement_is_found_out(helm: Helm) -> None:
    found = findings(helm.template({"securityContext": {"privileged": True}}))
    assert "The container is privileged" in found


@pytest.mark.parametrize("component", ["operator", "facade"])
def test_a_pod_says_what_it_needs_of_each_resource(helm: Helm, component: str) -> None:
    (deployment,) = (
        manifest
        for manifest in helm.template()
        if manifest["kind"] == "Deployment" and manifest["metadata"]["name"].endswith(component)
    )
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"].keys() == {"cpu", "memory", "ephemeral-storage"}
    assert container["resources"]["limits"].keys() == {"memory", "ephemeral-storage"}

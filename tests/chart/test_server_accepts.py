"""The real API server takes every object of every case, and every pod as restricted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.chart.cases import CASES, EVERYTHING
from tests.chart.helm import Helm, Manifest, select

FOREIGN_CRDS = Path(__file__).with_name("foreign_crds.yaml")

PRIVILEGED = {"allowPrivilegeEscalation": True}

NAMESPACES = ("system", "team-a", "team-b")


@pytest.fixture(scope="module")
def api(control_plane: ControlPlane) -> Iterator[httpx.Client]:
    """The API server, with all namespaces of the cases and the kinds of others."""
    control_plane.install_crds(FOREIGN_CRDS)
    for namespace in NAMESPACES:
        control_plane.kubectl("create", "namespace", namespace)
        control_plane.kubectl(
            "label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted"
        )
    with control_plane.client() as client:
        yield client
    for namespace in NAMESPACES:
        control_plane.kubectl("delete", "namespace", namespace, "--wait=false")
    control_plane.kubectl("delete", "-f", FOREIGN_CRDS)


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_object_is_accepted(api: httpx.Client, helm: Helm, values: dict[str, Any]) -> None:
    answers = {
        f"{manifest['kind']} {manifest['metadata']['name']}": _apply(api, manifest)
        for manifest in helm.template(values)
    }
    assert {name: answer.text for name, answer in answers.items() if answer.is_error} == {}
    # A warning tells of a deprecated version, or of a pod that is not restricted.
    assert {name: answer.headers.get("warning") for name, answer in answers.items()} == (
        dict.fromkeys(answers)
    )


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_pod_meets_the_restricted_profile(
    api: httpx.Client, helm: Helm, values: dict[str, Any]
) -> None:
    for deployment in select(helm.template(values), "Deployment"):
        assert _create_pod(api, deployment).status_code == 201


def test_a_pod_that_does_not_meet_it_is_refused(api: httpx.Client, helm: Helm) -> None:
    (deployment, *_) = select(helm.template({"securityContext": PRIVILEGED}), "Deployment")
    answer = _create_pod(api, deployment)
    assert answer.status_code == 403
    assert "violates PodSecurity" in answer.json()["message"]


def test_a_field_in_a_wrong_place_is_refused(api: httpx.Client, helm: Helm) -> None:
    (monitor, *_) = select(helm.template(EVERYTHING), "ServiceMonitor")
    monitor["spec"]["interval"] = "30s"
    answer = _apply(api, monitor)
    assert answer.is_error
    assert ".spec.interval: field not declared in schema" in answer.json()["message"]


def _apply(api: httpx.Client, manifest: Manifest) -> httpx.Response:
    """Create or change the object as Helm would, without doing it."""
    parameters = {"dryRun": "All", "fieldManager": "test", "force": "true"}
    return api.patch(
        f"{_collection(api, manifest)}/{manifest['metadata']['name']}",
        json=manifest,
        params=parameters | {"fieldValidation": "Strict"},
        headers={"Content-Type": "application/apply-patch+yaml"},
    )


def _collection(api: httpx.Client, manifest: Manifest) -> str:
    version = manifest["apiVersion"]
    base = f"/apis/{version}" if "/" in version else f"/api/{version}"
    served = api.get(base).raise_for_status().json()["resources"]
    (resource,) = [
        resource
        for resource in served
        if resource["kind"] == manifest["kind"] and "/" not in resource["name"]
    ]
    namespace = manifest["metadata"].get("namespace")
    # An object without its namespace would go where the user of kubectl happens to be.
    assert resource["namespaced"] == (namespace is not None)
    place = f"/namespaces/{namespace}" if namespace else ""
    return f"{base}{place}/{resource['name']}"


def _create_pod(api: httpx.Client, deployment: Manifest) -> httpx.Response:
    template = deployment["spec"]["template"]
    metadata = {**template["metadata"], "generateName": "pod-"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    namespace = deployment["metadata"]["namespace"]
    return api.post(
        f"/api/v1/namespaces/{namespace}/pods",
        json=pod,
        params={"dryRun": "All", "fieldValidation": "Strict"},
    )

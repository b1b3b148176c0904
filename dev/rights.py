"""Gives the operator and the facade the rights that the chart gives them, and no more.

An administrator's programs would work where the chart's do not, and do what the chart's
may not.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from dev.control_plane import ControlPlane

MANIFESTS: Final = Path(__file__).with_name("rights.yaml")
EVERYWHERE: Final = Path(__file__).with_name("rights-everywhere.yaml")
"""Those of a facade that serves all namespaces, with the tokens of the cluster."""
RELEASE: Final = "crontask-release"
NAMESPACE: Final = "release-namespace"
"""What stands in the file for the names of a release and of its namespace."""

_PLACES: Final = {
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


def release_name(namespace: str) -> str:
    """Return the name of the release in `namespace`, of which there may be many in a cluster."""
    return f"crontask-{namespace}"


def chart_rights(release: str, namespace: str, manifests: Path = MANIFESTS) -> list[dict[str, Any]]:
    """Return the accounts, the roles and their bindings of a release with default values.

    With `EVERYWHERE` as `manifests` its facade serves all namespaces.
    """
    text = _text(manifests).replace(RELEASE, release).replace(NAMESPACE, namespace)
    rights: list[dict[str, Any]] = json.loads(text)
    return rights


def grant_rights(
    control_plane: ControlPlane, release: str, namespace: str, manifests: Path = MANIFESTS
) -> None:
    """Install the rights of a release in `namespace`; they may be there already."""
    query = {"fieldManager": "crontask-dev", "force": "true"}
    headers = {"Content-Type": "application/apply-patch+yaml"}
    with control_plane.client() as client:
        for manifest in chart_rights(release, namespace, manifests):
            metadata = manifest["metadata"]
            place = _PLACES[manifest["kind"]].format(metadata.get("namespace"))
            path = f"{place}/{metadata['name']}"
            content = json.dumps(manifest)
            client.patch(path, params=query, headers=headers, content=content).raise_for_status()


def chart_kubeconfig(control_plane: ControlPlane, namespace: str, component: str) -> Path:
    """Return the kubeconfig of a component, `operator` or `facade`, with the chart's rights.

    They are those of a release in `namespace`: the operator serves all namespaces, and
    keeps its Leases in this one; the facade serves this one.
    """
    release = release_name(namespace)
    grant_rights(control_plane, release, namespace)
    return control_plane.service_account_kubeconfig(namespace, f"{release}-{component}")


def everywhere_kubeconfig(control_plane: ControlPlane, namespace: str) -> Path:
    """Return the kubeconfig of a facade with the chart's rights in all namespaces.

    They are those of another release in `namespace` than that of `chart_kubeconfig`.
    """
    release = f"{release_name(namespace)}-everywhere"
    grant_rights(control_plane, release, namespace, EVERYWHERE)
    return control_plane.service_account_kubeconfig(namespace, f"{release}-facade")


@cache  # YAML takes longer to read than the rights to be granted
def _text(manifests: Path) -> str:
    return json.dumps(list(yaml.safe_load_all(manifests.read_text(encoding="utf-8"))))

"""What an administrator prepares in the cluster for a test."""

from collections.abc import Sequence
from typing import Any

import httpx

CORE = "/api/v1/namespaces"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"


def create(kube: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Create an object."""
    response = kube.post(path, json=body)
    assert response.is_success, response.text


def create_reader(
    kube: httpx.Client, namespace: str, name: str, verbs: Sequence[str] = ("get", "list")
) -> None:
    """Create a ServiceAccount that may do `verbs` to the CronTasks of `namespace`, no more."""
    metadata = {"metadata": {"name": name}}
    rule = {"apiGroups": ["crontask.dev"], "resources": ["crontasks"], "verbs": [*verbs]}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    create(kube, f"{CORE}/{namespace}/serviceaccounts", metadata)
    create(kube, f"{RBAC}/{namespace}/roles", {**metadata, "rules": [rule]})
    create(
        kube,
        f"{RBAC}/{namespace}/rolebindings",
        {**metadata, "roleRef": role, "subjects": [subject]},
    )

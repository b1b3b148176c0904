"""Fixtures of the integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.support.crontasks import CronTasks
from tests.support.kept_runs import rows_of
from tests.support.stage import HISTORY, STATUSES, Stage

RBAC = "rbac.authorization.k8s.io"
VERBS = ["get", "list", "watch", "create", "patch", "delete"]
"""All that the protocol needs of Leases, in one namespace."""


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    control_plane: ControlPlane,
    namespace: str,
    echo: EchoServer,
    tmp_path: Path,
) -> Iterator[Stage]:
    """Where a fault story plays: a namespace and a target of the test's own.

    `IN_BOTH_MODES` has a story play without a history and with one.
    """
    is_kept = getattr(request, "param", STATUSES) == HISTORY
    url = f"sqlite:///{tmp_path}/history.db" if is_kept else ""
    with control_plane.client() as client:
        yield Stage(CronTasks(client, namespace), namespace, echo, url)
    if is_kept:
        # A story that gave no operator the settings of its stage would say nothing.
        assert rows_of(url, namespace)


@pytest.fixture
def lease_kubeconfig(control_plane: ControlPlane, namespace: str) -> Path:
    """The kubeconfig of a ServiceAccount that may do what the protocol needs, no more."""
    account = {"kind": "ServiceAccount", "name": "operator", "namespace": namespace}
    rule = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": VERBS}
    role = {"apiGroup": RBAC, "kind": "Role", "name": "leases"}
    objects = {
        f"/api/v1/namespaces/{namespace}/serviceaccounts": {"metadata": {"name": "operator"}},
        f"/apis/{RBAC}/v1/namespaces/{namespace}/roles": {
            "metadata": {"name": "leases"},
            "rules": [rule],
        },
        f"/apis/{RBAC}/v1/namespaces/{namespace}/rolebindings": {
            "metadata": {"name": "leases"},
            "roleRef": role,
            "subjects": [account],
        },
    }
    with control_plane.client() as client:
        for path, content in objects.items():
            client.post(path, json=content).raise_for_status()
    return control_plane.service_account_kubeconfig(namespace, "operator")


@pytest.fixture
def api_server_comes_back(control_plane: ControlPlane, namespace: str) -> Iterator[None]:
    """An API server again after the test, which ends it."""
    # Whatever becomes of a test, its own clean-up and the next test need one.
    yield
    if any(child.poll() is not None for child in control_plane.components):
        control_plane.start_api_server()

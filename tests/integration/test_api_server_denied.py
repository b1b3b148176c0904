"""Tasks that would call the API server from the operator's place in the network."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from dev.control_plane import ControlPlane
from tests.support.crontasks import CronTasks, task
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync

PAST = "2026-01-01T00:00:00Z"
ENDPOINT = "192.0.2.77"
ENDPOINTS = f"""
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: kubernetes, namespace: default}}
addressType: IPv4
endpoints: [{{addresses: [{ENDPOINT}]}}]
ports: [{{name: https, port: 6443, protocol: TCP}}]
"""


@pytest.fixture
def endpoints(control_plane: ControlPlane) -> Iterator[None]:
    """The slice that API servers of a real cluster keep of themselves."""
    control_plane.kubectl("apply", "-f", "-", stdin=ENDPOINTS)
    yield
    control_plane.kubectl("delete", "-f", "-", stdin=ENDPOINTS)


@pytest.mark.usefixtures("endpoints")
def test_the_api_server_is_denied_by_every_address_and_name(
    control_plane: ControlPlane, namespace: str
) -> None:
    port = urlsplit(control_plane.server).port
    urls = {
        "its-url": f"{control_plane.server}/version",
        "another-form": f"https://[::ffff:127.0.0.1]:{port}/version",
        "unspecified": f"https://0.0.0.0:{port}/version",
        "unspecified-mapped": f"https://[::ffff:0:0]:{port}/version",
        "an-endpoint": f"https://{ENDPOINT}:6443/version",
        "a-name": "https://kubernetes.default.svc/version",
    }
    callbacks: dict[str, object] = {name: {"http": {"url": url}} for name, url in urls.items()}
    grpc = {"address": f"127.0.0.1:{port}", "service": "a.B", "method": "C", "tls": {}}
    callbacks["grpc"] = {"grpc": grpc}
    with run_operator(control_plane, namespace), control_plane.client() as client:
        tasks = CronTasks(client, namespace)
        for name, callback in callbacks.items():
            spec = task(schedule=None, at=PAST, callback=callback, timeoutSeconds=5)
            tasks.create(spec, name).raise_for_status()
        eventually_sync(
            lambda: all(tasks.status(name).get("phase") == "Failed" for name in callbacks)
        )
        reasons = {name: tasks.status(name)["runs"][0]["reason"] for name in callbacks}
    assert reasons == dict.fromkeys(callbacks, "AddressDenied")

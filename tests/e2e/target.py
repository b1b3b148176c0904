"""The echo target in a pod, from its own sources and the image's Python."""

import json
from typing import Any, Final

from dev.generate_chart import ROOT
from tests.e2e.cluster import IMAGE, WAIT, Cluster, Manifest

NAMESPACE: Final = "e2e-target"
NAME: Final = "echo"
PORT: Final = 8099

# On all addresses of its pod; `python -m dev.echo` listens on loopback.
_SERVE: Final = f"""
import asyncio, socket
from dev.echo.behaviour import Behaviour
from dev.echo.server import serve
asyncio.run(serve(socket.create_server(("0.0.0.0", {PORT})), Behaviour(), asyncio.Event()))
"""

_RECEIVED: Final = f"""
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:{PORT}/_received").read().decode())
"""


class Target:
    """A pod with the target; `url` is where other pods find it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        cluster.create_namespace(NAMESPACE)
        cluster.apply(_sources(), _pod())
        where = ("--namespace", NAMESPACE, "--timeout", WAIT)
        cluster.kubectl("wait", "--for=condition=Ready", f"pod/{NAME}", *where)
        address = cluster.get("pod", NAME, "--namespace", NAMESPACE)["status"]["podIP"]
        self.url = f"http://{address}:{PORT}"

    def received(self) -> list[dict[str, Any]]:
        """Return what has arrived so far."""
        return list(json.loads(self.python(_RECEIVED)))

    def python(self, program: str) -> str:
        """Run a program in the pod, as a client inside the cluster."""
        return self._cluster.python(NAMESPACE, NAME, program)

    def delete(self) -> None:
        """Delete the pod with its namespace."""
        self._cluster.delete_namespace(NAMESPACE)


def _sources() -> Manifest:
    files = [ROOT / "dev" / "__init__.py", ROOT / "dev" / "errors.py", ROOT / "dev" / "ports.py"]
    files += sorted((ROOT / "dev" / "echo").glob("*.py"))
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {
            ".".join(file.relative_to(ROOT).parts): file.read_text(encoding="utf-8")
            for file in files
        },
    }


def _pod() -> Manifest:
    items = [
        {"key": key, "path": f"{key.removesuffix('.py').replace('.', '/')}.py"}
        for key in _sources()["data"]
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": NAME,
                    "image": IMAGE,
                    "imagePullPolicy": "Never",
                    "command": ["python", "-c", _SERVE],
                    "env": [{"name": "PYTHONPATH", "value": "/sources"}],
                    "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": True,
                    },
                    "volumeMounts": [{"name": "sources", "mountPath": "/sources"}],
                }
            ],
            "volumes": [{"name": "sources", "configMap": {"name": NAME, "items": items}}],
        },
    }

"""kubectl and Helm on a cluster that is there to be tested on."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from dev import tools
from dev.generate_chart import CHART

CONTEXTS = ("kind-crontask", "crontask-node")
"""The only contexts that these tests touch."""

IMAGE = os.environ.get("CRONTASK_E2E_IMAGE", "docker.io/local/crontask:test")
"""The image to install; it has been loaded into the cluster before."""

WAIT = "180s"

Manifest = dict[str, Any]


class ClusterError(Exception):
    """kubectl or Helm ended with an error; the message is what it said."""


class Cluster:
    """The cluster of the current context.

    Raises
    ------
    ClusterError
        If it is none of `CONTEXTS`.
    """

    def __init__(self) -> None:
        found = self.kubectl("config", "current-context").strip()
        if found not in CONTEXTS:
            raise ClusterError(
                f"expected the context {' or '.join(CONTEXTS)}, found {found!r}: "
                "these tests install and delete things"
            )

    def kubectl(self, *arguments: str | Path, stdin: str | None = None) -> str:
        """Run kubectl and return what it printed."""
        return _run("kubectl", *arguments, stdin=stdin)

    def get(self, *arguments: str) -> Manifest:
        """Return one object, or a list of them."""
        return dict(json.loads(self.kubectl("get", *arguments, "--output", "json")))

    def items(self, kind: str, namespace: str, *arguments: str) -> list[Manifest]:
        """Return all objects of a kind in a namespace."""
        return list(self.get(kind, "--namespace", namespace, *arguments)["items"])

    def apply(self, *manifests: Manifest) -> None:
        """Create or change objects."""
        self.kubectl("apply", "--filename", "-", stdin=yaml.safe_dump_all(manifests))

    def python(self, namespace: str, pod: str, program: str) -> str:
        """Run a Python program inside a pod and return what it printed."""
        where = ("--namespace", namespace, "--stdin", pod)
        return self.kubectl("exec", *where, "--", "python", "-", stdin=program)

    def helm(self, command: str, release: str, namespace: str, values: Manifest) -> None:
        """Install or upgrade a release of the chart with the image, and wait for its pods."""
        repository, _, tag = IMAGE.rpartition(":")
        image = {"repository": repository, "tag": tag, "pullPolicy": "Never"}
        _run(
            "helm", command, release, CHART, "--namespace", namespace,
            "--values", "-", "--wait", "--timeout", WAIT,
            stdin=yaml.safe_dump({"image": image} | values),
        )  # fmt: skip

    def rollback(self, release: str, namespace: str, revision: int) -> None:
        """Go back to a revision of a release and wait for its pods."""
        where = ("--namespace", namespace, "--wait", "--timeout", WAIT)
        _run("helm", "rollback", release, str(revision), *where)

    def uninstall(self, release: str, namespace: str) -> None:
        """Remove a release, if it is there."""
        _run("helm", "uninstall", release, "--namespace", namespace, "--ignore-not-found", "--wait")

    def create_namespace(self, name: str) -> None:
        """Create a namespace in which the API server takes restricted pods alone."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": name, "labels": labels}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def delete_namespace(self, name: str) -> None:
        """Delete a namespace and all in it, and wait until it is gone."""
        self.kubectl("delete", "namespace", name, "--ignore-not-found", "--timeout", WAIT)


def _run(program: str, *arguments: str | Path, stdin: str | None = None) -> str:
    result = subprocess.run(
        [tools.ensure(program), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        command = " ".join(map(str, (program, *arguments)))
        raise ClusterError(f"{command}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout

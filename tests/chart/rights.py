"""Rights, and parts that run under the chart's Roles less one of them."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.chart.cases import Values
from tests.chart.helm import Helm, Manifest, select
from tests.chart.local_pod import LocalPod, run_container
from tests.support.crontasks import CronTasks


class Right(NamedTuple):
    """One verb on one resource."""

    verb: str
    resource: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"

    def is_refused_in(self, text: str) -> bool:
        """Whether `text` has what the API server says to who lacks it."""
        return f'cannot {self.verb} resource "{self.resource}"' in text.replace("\\", "")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a story takes place."""

    control_plane: ControlPlane
    namespace: str
    tasks: CronTasks
    echo: EchoServer

    def http(self, path: str = "/ok", **fields: object) -> dict[str, object]:
        """Return a callback of the target."""
        return {"http": {"url": self.echo.url + path, **fields}}


def granted(helm: Helm, component: str) -> set[Right]:
    """Return all that the chart's Roles allow a component."""
    manifests = helm.template({"facade": {"auth": {"mode": "kubernetes"}}})
    return {
        Right(verb, resource)
        for kind in ("Role", "ClusterRole")
        for manifest in select(manifests, kind)
        if manifest["metadata"]["labels"]["app.kubernetes.io/component"] == component
        for rule in manifest["rules"]
        for resource, verb in itertools.product(rule["resources"], rule["verbs"])
    }


def without(rules: list[Manifest], right: Right | None) -> list[Manifest]:
    """Return rules that allow the same but for `right`."""
    return [
        {
            "apiGroups": rule["apiGroups"],
            "resources": [resource],
            **({"resourceNames": rule["resourceNames"]} if "resourceNames" in rule else {}),
            "verbs": [verb for verb in rule["verbs"] if Right(verb, resource) != right],
        }
        for rule in rules
        for resource in rule["resources"]
        if any(Right(verb, resource) != right for verb in rule["verbs"])
    ]


@contextmanager
def release(
    scene: Scene, helm: Helm, component: str, folder: Path, values: Values, lost: Right | None
) -> Iterator[LocalPod]:
    """Run a component under the chart's rules less `lost`."""
    manifests = helm.template(
        {"watchNamespaces": [scene.namespace], "crds": {"install": False}} | values,
        namespace=scene.namespace,
    )
    (deployment,) = select(manifests, "Deployment", f"crontask-{component}")
    objects = [
        manifest
        for manifest in manifests
        if manifest["metadata"]["labels"]["app.kubernetes.io/component"] == component
        and manifest["kind"] != "Deployment"
    ]
    for manifest in objects:
        if "rules" in manifest:
            manifest["rules"] = without(manifest["rules"], lost)
    whole = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    scene.control_plane.kubectl("apply", "-f", "-", stdin=whole)
    try:
        with run_container(scene.control_plane, deployment, folder) as pod:
            yield pod
    finally:
        scene.control_plane.kubectl("delete", "-f", "-", "--wait=false", stdin=whole)

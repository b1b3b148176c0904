"""The real Helm, with caches and configuration of its own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dev import tools
from dev.generate_chart import CHART

Manifest = dict[str, Any]
Values = Mapping[str, Any]

NO_VALUES: Values = {}


class HelmError(Exception):
    """Helm ended with an error; the message is what it said."""


class Helm:
    """Runs Helm on a chart.

    Parameters
    ----------
    home
        Folder for what Helm keeps.
    kubeconfig
        The cluster to talk to; None for what needs none.
    """

    def __init__(self, home: Path, kubeconfig: Path | None = None) -> None:
        self._home = home
        self._kubeconfig = kubeconfig

    def lint(self, values: Values = NO_VALUES) -> str:
        """Check the chart, with warnings as errors."""
        return self._run("lint", "--strict", CHART, values=values)

    def template(
        self,
        values: Values = NO_VALUES,
        *options: str,
        release: str = "crontask",
        namespace: str = "system",
    ) -> list[Manifest]:
        """Return the objects that the chart makes of `values`, and of Helm's `options`."""
        text = self._run(
            "template", release, CHART, "--namespace", namespace, *options, values=values
        )
        return [document for document in yaml.safe_load_all(text) if document]

    def install(
        self,
        release: str,
        namespace: str,
        values: Values = NO_VALUES,
        chart: Path = CHART,
        *options: str,
    ) -> str:
        """Install a release; return the notes."""
        place = ("--namespace", namespace)
        return self._run("install", release, chart, *place, *options, values=values)

    def upgrade(
        self,
        release: str,
        namespace: str,
        values: Values = NO_VALUES,
        chart: Path = CHART,
        *options: str,
    ) -> str:
        """Upgrade a release; return the notes."""
        place = ("--namespace", namespace)
        return self._run("upgrade", release, chart, *place, *options, values=values)

    def rollback(self, release: str, namespace: str, revision: int) -> None:
        """Go back to an earlier revision."""
        self._run("rollback", release, str(revision), "--namespace", namespace)

    def uninstall(self, release: str, namespace: str) -> str:
        """Remove a release; return what is kept."""
        return self._run("uninstall", release, "--namespace", namespace)

    def manifest(self, release: str, namespace: str) -> list[Manifest]:
        """Return the objects of an installed release."""
        text = self._run("get", "manifest", release, "--namespace", namespace)
        return [document for document in yaml.safe_load_all(text) if document]

    def _run(self, *arguments: str | Path, values: Values | None = None) -> str:
        given = ["--values", "-"] if values is not None else []
        folders = {f"HELM_{kind}_HOME": str(self._home) for kind in ("CACHE", "CONFIG", "DATA")}
        result = subprocess.run(
            [tools.ensure("helm"), *arguments, *given],
            input=yaml.safe_dump(dict(values)) if values is not None else None,
            capture_output=True,
            text=True,
            env=os.environ | folders | {"KUBECONFIG": str(self._kubeconfig or os.devnull)},
            check=False,
        )
        if result.returncode:
            raise HelmError(f"{result.stdout}{result.stderr}")
        return result.stdout


def select(
    manifests: list[Manifest], kind: str, name: str | None = None, *, namespace: str | None = None
) -> list[Manifest]:
    """Return the objects of `kind`, and of that name and namespace if given."""
    return [
        manifest
        for manifest in manifests
        if manifest["kind"] == kind
        and name in (None, manifest["metadata"]["name"])
        and namespace in (None, manifest["metadata"].get("namespace"))
    ]


def only(manifests: list[Manifest], kind: str, name: str | None = None) -> Manifest:
    """Return the one object of `kind`."""
    (manifest,) = select(manifests, kind, name)
    return manifest


def environment(manifests: list[Manifest], deployment: str) -> dict[str, str]:
    """Return the environment variables of a Deployment's container."""
    (container,) = only(manifests, "Deployment", deployment)["spec"]["template"]["spec"][
        "containers"
    ]
    return {entry["name"]: entry.get("value", "") for entry in container["env"]}


def dashboard_queries(dashboard: Manifest) -> list[str]:
    """Return the queries of all panels of a Grafana dashboard."""
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]

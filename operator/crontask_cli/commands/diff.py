"""diff is ``crontask diff``."""

import difflib
from collections.abc import Iterator
from typing import Any

import typer

from crontask_cli.commands.apply import Files
from crontask_cli.errors import NOT_WELL
from crontask_cli.service.base import TaskService
from crontask_cli.service.connection import Connection
from crontask_cli.service.task import read_manifest
from crontask_cli.shown.screen import Screen, Style

_OBSERVED = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
_STYLES = {"+": Style.GREEN, "-": Style.RED, "@": Style.DIM}


def command(ctx: typer.Context, files: Files) -> None:
    """Show what `crontask apply` would change.

    The API server computes it, defaults included, and changes nothing. The exit status is 0
    if there is no difference, and 4 if there is one.
    """
    from crontask_cli.manifests import read_manifests

    connection: Connection = ctx.obj
    service = connection.open()
    screen, differs = Screen(), False
    for manifest in read_manifests(
        files, service.namespace, chosen=connection.namespace is not None
    ):
        for line in _difference(service, manifest):
            differs = True
            screen.write(screen.styled(line, _STYLES.get(line[:1], Style.PLAIN)))
    if differs:
        raise typer.Exit(NOT_WELL)


def _difference(service: TaskService, manifest: dict[str, Any]) -> Iterator[str]:
    from crontask_cli.shown.documents import as_yaml

    applied = service.apply(manifest, dry_run=True, force=True)
    before = [] if applied.before is None else as_yaml(_desired(applied.before)).splitlines()
    after = as_yaml(_desired(applied.manifest)).splitlines()
    name = f"{manifest['metadata'].get('namespace', '')}/{manifest['metadata']['name']}"
    yield from difflib.unified_diff(before, after, f"live/{name}", f"new/{name}", lineterm="")


def _desired(found: bytes) -> dict[str, Any]:
    """Return the part of a CronTask that people write."""
    manifest = read_manifest(found)
    manifest.pop("status", None)
    metadata = manifest.get("metadata", {})
    manifest["metadata"] = {key: metadata[key] for key in metadata if key not in _OBSERVED}
    return manifest

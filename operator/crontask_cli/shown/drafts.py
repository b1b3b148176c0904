"""drafts writes what an import found: tasks as YAML, and comments for what has no equal."""

from collections.abc import Iterator
from typing import Any

from crontask_cli.importing.found import Draft, Found
from crontask_cli.shown.documents import as_yaml
from crontask_cli.shown.safe import safe


def comments(item: Found) -> Iterator[str]:
    """Yield a comment for each thing that has no equal, or for an item that is left out."""
    if not isinstance(item, Draft):
        yield f"# {item.place}: not converted: {safe(item.reason)}"
        return
    for note in item.notes:
        yield f"# {item.place}: no equal: {safe(note)}"


def draft_lines(item: Found, manifest: dict[str, Any] | None, *, is_first: bool) -> Iterator[str]:
    """Yield the lines of a document; comments alone for an item that is no task."""
    if manifest is not None and not is_first:
        yield "---"
    yield from comments(item)
    if manifest is not None:
        yield from secret_help(manifest)
        yield as_yaml(manifest)


def secret_help(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the command that makes the Secret that the task's headers are to come from."""
    headers = manifest["spec"]["callback"].get("http", {}).get("headers", ())
    own = f"{manifest['metadata']['name']}-headers"
    keys = [
        header["secretKeyRef"]["key"]
        for header in headers
        if header.get("secretKeyRef", {}).get("name") == own
    ]
    if keys:
        literals = " ".join(f"--from-literal={key}=..." for key in keys)
        yield f"# kubectl create secret generic {own} {literals}"

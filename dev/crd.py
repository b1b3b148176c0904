"""The CRD as it stands in `crds/`, for the programs and tests that read it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

PATH: Final = Path(__file__).parents[1] / "crds" / "crontasks.crontask.dev.yaml"

Schema = dict[str, Any]
"""A node of the OpenAPI schema: JSON, of no narrower type."""


@cache  # YAML of a thousand lines takes a third of a second to read
def load_crd() -> Schema:
    """Return the whole CustomResourceDefinition, the same object each time: not to be changed."""
    crd: Schema = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return crd


def load_version() -> Schema:
    """Return the one version that the CRD has: schema, columns and selectable fields."""
    (version,) = load_crd()["spec"]["versions"]
    return dict(version)


def load_schema() -> Schema:
    """Return the OpenAPI schema of a CronTask."""
    schema: Schema = load_version()["schema"]["openAPIV3Schema"]
    return schema


def walk(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each field below `schema` with its path, parents first, as written.

    The items of a list have the list's path and ``[]``.
    """
    for name, child in schema.get("properties", {}).items():
        yield from _walk_from(child, f"{path}.{name}" if path else name)


def _walk_from(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    yield path, schema
    if "items" in schema:
        yield from _walk_from(schema["items"], f"{path}[]")
    yield from walk(schema, path)

"""There is one place where paths to the API server are made."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
BUILDER: Final = ROOT / "operator" / "crontask_kube" / "paths.py"
MODULES: Final = [
    path
    for folder in ("operator", "api")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != BUILDER
]
PART_OF_A_PATH: Final = re.compile(
    r"^/?apis?(/|$)|/apis?(/|$)|namespaces/|/namespaces|^namespaces$"
)
OTHERS: Final = {
    # What Knative says of itself in the events that it sends.
    "operator/crontask_cli/importing/knative.py": {"/apis/v1/namespaces/"},
    # The console has a page about the facade's API.
    "api/crontask_api/console/api/endpoints.py": {"/console/api"},
    "api/crontask_api/console/pages/api.py": {"api"},
}
"""Texts that look like a part of such a path and are none."""
GENERATED: Final = re.compile(r"\w+(V\d\w*|CustomObjects)Api|ApiClient\.call_api")


def texts(source: str) -> Iterator[str]:
    """Yield every text of a module, the parts of f-strings among them, but no docstring."""
    tree = ast.parse(source)
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def found(source: str) -> list[str]:
    """Return the texts of a module that look like a part of such a path."""
    return [text for text in texts(source) if PART_OF_A_PATH.search(text)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_makes_a_path(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert set(found(source)) == OTHERS.get(str(path.relative_to(ROOT)), set())
    # Generated clients make paths themselves.
    assert GENERATED.search(source) is None


@pytest.mark.parametrize(
    "source",
    [
        'path = f"/api/v1/namespaces/{namespace}/secrets/{name}"',
        'path = f"/apis/{group}/v1/{kind}s"',
        'path = base + "/api/v1" + rest',
        'path = "/".join(["/apis", group])',
        'path = f"{base}/namespaces/{namespace}"',
        'path = "/apis/%s" % group',
    ],
)
def test_the_check_sees_what_it_is_for(source: str) -> None:
    assert found(source)


def test_the_builder_would_be_found() -> None:
    assert found(BUILDER.read_text(encoding="utf-8"))

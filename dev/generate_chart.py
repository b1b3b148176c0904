"""``python -m dev.generate_chart``: write the parts of the chart that have another source.

The CRD is that of `crds/`, the versions are that of `pyproject.toml`, and the README's
table of values comes from `values.yaml`.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from dev import crd

ROOT: Final = Path(__file__).parents[1]
CHART: Final = ROOT / "helm" / "crontask"

INTRODUCTION: Final = """\
# The crontask chart

Installs the CronTask operator, which calls HTTP endpoints and gRPC methods on a schedule
and records every run, and its HTTP facade.

```sh
helm install crontask helm/crontask --namespace crontask --create-namespace \\
  --set image.repository=registry.example.com/crontask
```

Installing, upgrading and removing it is told in [docs/install.md](../../docs/install.md).

## Values

Generated from `values.yaml` by `make chart`. A name that is not here is refused.

| Value | Meaning | Default |
| --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Value:
    """A documented value: its dotted path, what it means, and its default."""

    path: str
    meaning: str
    default: Any


def package_version() -> str:
    """Return the project's version, the one source of all others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def generated() -> dict[Path, str]:
    """Return what the generated files should hold."""
    chart = CHART / "Chart.yaml"
    return {
        CHART / "files" / crd.PATH.name: crd.PATH.read_text(encoding="utf-8"),
        chart: _with_version(chart.read_text(encoding="utf-8"), package_version()),
        CHART / "README.md": INTRODUCTION + "".join(map(_row, values())),
    }


def values() -> list[Value]:
    """Return the documented values of ``values.yaml``, in its order.

    A comment that begins with ``# --`` documents the key below it, whole: what is inside
    a documented mapping is its default.
    """
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(document, yaml.MappingNode):
        raise TypeError("values.yaml: expected a mapping")
    return list(_walk(document, "", text.splitlines()))


def _walk(mapping: yaml.MappingNode, prefix: str, lines: list[str]) -> Iterator[Value]:
    for key, value in mapping.value:
        path = f"{prefix}{key.value}"
        meaning = _comment_above(key.start_mark.line, lines)
        if meaning:
            yield Value(path, meaning, yaml.safe_load(yaml.serialize(value)))
        elif isinstance(value, yaml.MappingNode) and value.value:
            yield from _walk(value, f"{path}.", lines)
        else:
            raise ValueError(f"values.yaml, {path}: expected a comment that begins with '# --'")


def _comment_above(line: int, lines: list[str]) -> str:
    comment: list[str] = []
    while line > 0 and (text := lines[line - 1].strip()).startswith("#"):
        line -= 1
        comment.insert(0, text.removeprefix("#").strip())
        if comment[0].startswith("-- "):
            return " ".join(comment).removeprefix("-- ")
    return ""


def _row(value: Value) -> str:
    default = json.dumps(value.default, ensure_ascii=False)
    return f"| `{value.path}` | {value.meaning.replace('|', '&#124;')} | `{default}` |\n"


def _with_version(chart: str, version: str) -> str:
    return re.sub(r"(?m)^(version|appVersion): .*$", rf"\1: {version}", chart)


if __name__ == "__main__":
    for file, content in generated().items():
        file.write_text(content, encoding="utf-8")

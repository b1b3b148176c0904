"""``python -m dev.generate_reference``: write `docs/reference.md` from the CRD."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dev.crd import Schema, load_crd, load_schema, load_version, walk

PATH: Final = Path(__file__).parents[1] / "docs" / "reference.md"

INTRODUCTION: Final = """\
# Reference of the CronTask resource

Generated from [the CRD](../crds/crontasks.crontask.dev.yaml) by
`python -m dev.generate_reference`. `kubectl explain crontask.spec` tells the same.
"""
COLUMNS: Final = """\
## Columns of `kubectl get crontasks`

| Column | Shows | With |
| --- | --- | --- |
"""

_BOUNDS: Final = {
    ("minimum", "maximum"): "",
    ("minLength", "maxLength"): " characters",
    ("minItems", "maxItems"): " entries",
}
_COMMAND: Final = re.compile(r"(?<=: )((?:kubectl|protoc) .*|.*(?<=^Example: ).*)$")
_MARKUP: Final = re.compile(r"([*_<|`\[\]])")


def render() -> str:
    """Return the whole document."""
    return "\n".join([INTRODUCTION, *_summary(), *_columns(), *_fields()])


def _summary() -> Iterator[str]:
    crd = load_crd()["spec"]
    names, version = crd["names"], load_version()
    selectable = ", ".join(f"`{field['jsonPath'][1:]}`" for field in version["selectableFields"])
    yield f"- API version: `{crd['group']}/{version['name']}`, kind: `{names['kind']}`"
    yield f"- For kubectl: `{names['plural']}`, `{names['singular']}`, `{names['shortNames'][0]}`"
    yield f"- Field selectors: {selectable}"
    yield ""
    yield _text(load_schema()["description"])
    yield ""
    yield from _rules(load_schema())


def _columns() -> Iterator[str]:
    rows = [
        f"| {column['name'].upper()} | {_escaped(column['description'])} "
        f"| {'`-o wide`' if column.get('priority') else ''} |"
        for column in load_version()["additionalPrinterColumns"]
    ]
    yield COLUMNS + "\n".join(rows)
    yield ""


def _fields() -> Iterator[str]:
    required = _required(load_schema(), "")
    for path, schema in walk(load_schema()):
        # Root fields that are the same on every resource, and entries without fields.
        if path in ("apiVersion", "kind", "metadata") or _is_plain_entry(path, schema):
            continue
        level = "##" if "." not in path else "###"
        yield f"{level} `{path}`\n"
        yield f"{_facts(schema, is_required=path in required)}\n"
        yield f"{_text(schema['description'])}\n"
        yield from _rules(schema)
        if "items" in schema and _is_plain_entry(f"{path}[]", schema["items"]):
            yield from _rules(schema["items"])


def _required(schema: Schema, prefix: str) -> set[str]:
    paths = {f"{prefix}{name}" for name in schema.get("required", ())}
    for path, child in walk(schema):
        paths |= {f"{path}.{name}" for name in child.get("required", ())}
    return paths


def _is_plain_entry(path: str, schema: Schema) -> bool:
    return path.endswith("[]") and schema["type"] != "object"


def _facts(schema: Schema, *, is_required: bool) -> str:
    facts = [_type(schema), *(["required"] if is_required else [])]
    if "enum" in schema:
        facts.append("one of " + ", ".join(f"`{word}`" for word in schema["enum"]))
    if "default" in schema:
        facts.append(f"default `{_literal(schema['default'])}`")
    for (lower, upper), unit in _BOUNDS.items():
        if lower in schema and upper in schema:
            facts.append(f"{schema[lower]} to {schema[upper]}{unit}")
        elif lower in schema:
            facts.append(f"at least {schema[lower]}{unit}")
        elif upper in schema:
            facts.append(f"at most {schema[upper]}{unit}")
    return "; ".join(facts)


def _type(schema: Schema) -> str:
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    kind = schema.get("format") if schema.get("format") == "date-time" else schema["type"]
    return f"*{kind}*"


def _literal(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(f'"{entry}"' for entry in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rules(schema: Schema) -> Iterator[str]:
    rules = schema.get("x-kubernetes-validations", ())
    if rules:
        yield "The API server refuses what breaks a rule, and says:\n"
        for rule in rules:
            where = f"`{rule['fieldPath'][1:]}`: " if "fieldPath" in rule else ""
            yield f"- {where}{_escaped(rule['message'])}"
        yield ""


def _text(description: str) -> str:
    return "\n\n".join(_paragraph(line) for line in description.split("\n") if line)


def _paragraph(line: str) -> str:
    """Return `line` with what is to be typed at its end as code, the rest as plain text."""
    match = _COMMAND.search(line)
    if match is None:
        return _escaped(line)
    return f"{_escaped(line[: match.start()])}`{match[0]}`"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def main() -> None:
    """Write the document."""
    PATH.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The OpenAPI document cut into what a page shows: one section an endpoint."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a request or of an answer."""

    name: str
    """Path from the top, such as ``task_list[].name``."""
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """One endpoint."""

    title: str
    method: str
    path: str
    description: str
    headers: tuple[Row, ...]
    fields: tuple[Row, ...]
    request: str
    """Example, as JSON; empty if there is no body."""
    answer_fields: tuple[Row, ...]
    answer: str
    """Example, as JSON; empty if there is none."""

    @property
    def anchor(self) -> str:
        """What names the endpoint in an address."""
        return self.path.strip("/").replace("/", "-")


def sections(document: Json) -> Iterator[Section]:
    """Yield a section for each endpoint of the OpenAPI `document`, in its order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _section(document, path, method.upper(), operation)


def _section(document: Json, path: str, method: str, operation: Json) -> Section:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = operation["responses"]["200"]["content"].get("application/json", {})
    envelope = _resolved(document, answers.get("schema", {}))
    data = envelope.get("properties", {}).get("data", {}).get("anyOf", [])
    return Section(
        title=operation["summary"],
        method=method,
        path=path,
        description=operation.get("description", ""),
        headers=tuple(
            Row(each["name"], "string", False, each["description"])
            for each in operation.get("parameters", [])
        ),
        fields=tuple(_rows(document, body["schema"])) if body else (),
        request=_pretty(body.get("example")),
        answer_fields=tuple(_rows(document, data[0])) if data else (),
        answer=_pretty(answers.get("example")),
    )


def _rows(document: Json, schema: Json, prefix: str = "") -> Iterator[Row]:
    schema = _resolved(document, schema)
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        whole = _resolved(document, field)
        described = field.get("description") or whole.get("description", "")
        yield Row(f"{prefix}{name}", _kind(document, field), name in required, described)
        if whole.get("type") == "array":
            yield from _rows(document, whole["items"], f"{prefix}{name}[].")


def _resolved(document: Json, schema: Json) -> Json:
    """Return `schema` without references and without the alternative null."""
    if "$ref" in schema:
        found: Json = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return _resolved(document, found)
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        return {**_resolved(document, choices[0]), **_without(schema, "anyOf")}
    return schema


def _kind(document: Json, schema: Json) -> str:
    whole = _resolved(document, schema)
    if "anyOf" in whole:
        # null means "not given" everywhere, and is not said of every field.
        choices = [each for each in whole["anyOf"] if each != {"type": "null"}]
        return " or ".join(dict.fromkeys(_kind(document, each) for each in choices))
    if "enum" in whole:
        return ", ".join(json.dumps(value) for value in whole["enum"])
    kind = whole.get("type", "")
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join([kinds[0] + _bounds(whole), *kinds[1:]])


def _bounds(schema: Json) -> str:
    """Return in words which numbers or texts are allowed, with a space before them."""
    match schema:
        case {"minimum": least, "maximum": most}:
            return f" from {least} to {most}"
        case {"maxLength": most}:
            return f" of at most {most} characters"
        case {"maxItems": most}:
            return f" of at most {most}"
        case _:
            return ""


def _without(schema: Json, name: str) -> Json:
    return {key: value for key, value in schema.items() if key != name}


def _pretty(example: Json | None) -> str:
    return "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)

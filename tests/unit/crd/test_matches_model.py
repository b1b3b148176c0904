"""The CRD and the structures that decode its objects say the same.

Both are written by hand: the CRD for people and the API server, the structures for
speed. A field, default or word that only one of them knows would be lost without a
sound, since the API server prunes what it does not know and decoding ignores it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pytest
from msgspec import inspect

from crontask_core import constants
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus
from dev.crd import Schema, load_crd, load_schema, walk

SPEC: Final[Schema] = load_schema()["properties"]["spec"]
STATUS: Final[Schema] = load_schema()["properties"]["status"]


@dataclass(frozen=True)
class Field:
    """What both sides have to say about a field; `default` is None for an empty one."""

    type: str
    required: bool
    default: object


def crd_fields(schema: Schema) -> dict[str, Field]:
    return dict(_crd_fields(schema, ""))


def _crd_fields(schema: Schema, prefix: str) -> Iterator[tuple[str, Field]]:
    for name, child in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        required = name in schema.get("required", ())
        yield path, Field(_crd_type(child), required, child.get("default"))
        yield from _crd_fields(child.get("items", child), f"{path}.")


def _crd_type(schema: Schema) -> str:
    if schema["type"] == "array":
        return f"array of {_crd_type(schema['items'])}"
    return "date-time" if schema.get("format") == "date-time" else str(schema["type"])


def model_fields(model: type[msgspec.Struct]) -> dict[str, Field]:
    return {path: Field(_type_name(kind), *facts) for path, kind, facts in _model(model)}


def model_words(model: type[msgspec.Struct]) -> dict[str, list[str]]:
    """Return the members of each field that is an enum."""
    return {
        path: [member.value for member in kind.cls]
        for path, kind, _ in _model(model)
        if isinstance(kind, inspect.EnumType)
    }


def _model(model: type, prefix: str = "") -> Iterator[tuple[str, inspect.Type, tuple[bool, Any]]]:
    struct = inspect.type_info(model)
    assert isinstance(struct, inspect.StructType)
    for field in struct.fields:
        path = f"{prefix}{field.encode_name}"
        kind = _without_none(field.type)
        yield path, kind, (field.required, _json_default(field))
        inner = kind.item_type if isinstance(kind, inspect.VarTupleType) else kind
        if isinstance(inner, inspect.StructType):
            yield from _model(inner.cls, f"{path}.")


def _without_none(kind: inspect.Type) -> inspect.Type:
    if not isinstance(kind, inspect.UnionType):
        return kind
    (one,) = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
    return one


def _type_name(kind: inspect.Type) -> str:
    match kind:
        case inspect.VarTupleType(item_type=item):
            return f"array of {_type_name(item)}"
        case inspect.StructType():
            return "object"
        case inspect.DateTimeType():
            return "date-time"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.StrType() | inspect.EnumType():
            return "string"
    raise AssertionError(f"no JSON type is known for {kind}")


def _json_default(field: inspect.Field) -> object:
    """Return the default as the CRD would write it.

    Empty texts and lists, and objects of nothing but defaults, are left out there: they
    would only make every stored object longer.
    """
    if field.default is msgspec.NODEFAULT or isinstance(field.default, msgspec.Struct):
        return None
    if field.default in (None, "", ()):
        return None
    return list(field.default) if isinstance(field.default, tuple) else field.default


FIELDS: Final = {
    **{f"spec.{path}": field for path, field in model_fields(CronTaskSpec).items()},
    **{f"status.{path}": field for path, field in model_fields(CronTaskStatus).items()},
}
CRD_FIELDS: Final = {
    **{f"spec.{path}": field for path, field in crd_fields(SPEC).items()},
    **{f"status.{path}": field for path, field in crd_fields(STATUS).items()},
}


def test_the_crd_is_named_as_the_code_names_it() -> None:
    crd = load_crd()
    names = crd["spec"]["names"]

    assert crd["metadata"]["name"] == f"{constants.PLURAL}.{constants.GROUP}"
    assert crd["spec"]["group"] == constants.GROUP
    assert (names["kind"], names["plural"]) == (constants.KIND, constants.PLURAL)
    assert [version["name"] for version in crd["spec"]["versions"]] == [constants.VERSION]


@pytest.mark.parametrize("path", sorted(FIELDS.keys() | CRD_FIELDS.keys()))
def test_both_sides_know_the_field_alike(path: str) -> None:
    assert CRD_FIELDS.get(path) == FIELDS.get(path)


def test_the_words_a_user_may_write_are_those_of_the_enums() -> None:
    words = {path: child["enum"] for path, child in walk(SPEC) if "enum" in child}
    # The one closed set that the structures keep as text, for they only pass it on.
    del words["callback.http.method"]

    assert words == model_words(CronTaskSpec)


def test_the_words_of_the_operator_are_described_and_not_enforced() -> None:
    children = {path.replace("[]", ""): child for path, child in walk(STATUS)}

    for path, words in model_words(CronTaskStatus).items():
        assert "enum" not in children[path]
        assert [word for word in words if word not in children[path]["description"]] == []

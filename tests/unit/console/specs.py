"""Specs of every kind that the CRD's schema allows, for the tests of the form."""

from typing import Any

from hypothesis import strategies as st

from dev.crd import Schema, load_schema

Json = dict[str, Any]

ALTERNATIVES = (
    {"schedule", "at"},
    {"http", "grpc"},
    {"value", "secretKeyRef"},
    {"delaysSeconds", "backoff"},
    {"caSecretRef", "insecureSkipVerify"},
)
"""Of these an object has one; which have to be, the rules say."""
CHOSEN = frozenset({"schedule", "at", "http", "grpc", "value", "secretKeyRef"})

# Whatever JSON can hold: what hides, what ends a line, what is markup.
TEXT = st.text(
    st.sampled_from("\r\n\t\x00\x1b\u202e\u200b\u2028<>&\"'{}% ab"), min_size=1, max_size=12
) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
WORDS = st.text("0123456789-AZaz", min_size=1, max_size=8)
MOMENTS = st.sampled_from(["2026-03-29T08:30:00+02:00", "1970-01-01T00:00:00Z"])


def specs() -> st.SearchStrategy[Json]:
    """Return a strategy for whole specs but for ``taskName``, which a form gives once."""
    schema = load_schema()["properties"]["spec"]
    fields = {key: each for key, each in schema["properties"].items() if key != "taskName"}
    return _objects({**schema, "properties": fields})


def _values(schema: Schema) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            return _objects(schema)
        case "array":
            items = WORDS if schema["items"]["type"] == "string" else _values(schema["items"])
            return st.lists(items, min_size=1, max_size=3, unique_by=_name)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 10**9))
        case "number":
            return st.floats(schema["minimum"], schema["maximum"]) | st.integers(1, 10)
        case "boolean":
            return st.booleans()
    return MOMENTS if schema.get("format") == "date-time" else TEXT


@st.composite
def _objects(draw: st.DrawFn, schema: Schema) -> Json:
    fields = dict(schema["properties"])
    required = set(schema.get("required", ()))
    for alternative in ALTERNATIVES:
        there = sorted(alternative & fields.keys())
        if len(there) == 2:
            kept = draw(st.sampled_from(there))
            del fields[next(name for name in there if name != kept)]
            required |= {kept} & CHOSEN
    return {
        name: draw(_values(each))
        for name, each in fields.items()
        if name in required or draw(st.booleans())
    }


def _name(item: Any) -> Any:
    return item["name"].casefold() if isinstance(item, dict) else repr(item)

"""`kubectl explain` is the manual, so every field tells what it does not show by itself."""

from typing import Final

import pytest

from crontask_core import constants
from crontask_core.retries import MAX_RETRY_AFTER_SECONDS
from dev.crd import Schema, load_schema, walk

SCHEMA: Final[Schema] = load_schema()
FIELDS: Final = dict(walk(SCHEMA))
DESCRIBED: Final = {
    # kubectl explain shows nothing of a list's scalar entries: the list tells of them.
    path: FIELDS[path.removesuffix("[]")]
    if path.endswith("[]") and child["type"] != "object"
    # Of metadata, the API server knows more.
    else child
    for path, child in FIELDS.items()
    if path != "metadata"
}
SPEC: Final = {
    path: child
    for path, child in FIELDS.items()
    # The bounds of names that refer to Kubernetes objects are those of Kubernetes.
    if path.startswith("spec.") and "Ref." not in path
}
BOUNDS: Final = ("minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength")


@pytest.mark.parametrize("path", DESCRIBED)
def test_every_field_is_described_in_sentences(path: str) -> None:
    description = DESCRIBED[path].get("description", "")

    # The last paragraph may be an example or a command.
    assert description.split("\n\n")[0].rstrip().endswith((".", ":")) or "Example: " in description
    assert description[0].isupper()


@pytest.mark.parametrize("path", SPEC)
def test_bounds_default_and_words_are_in_the_text(path: str) -> None:
    description = DESCRIBED[path]["description"]

    assert [fact for fact in facts(path, SPEC[path]) if fact not in description] == []


def facts(path: str, schema: Schema) -> list[str]:
    """Return bounds, default and words of the field as the text must have them."""
    # The length of an entry is bounded for the sake of the rules' cost; the rules and
    # the text speak of its form.
    bounds = BOUNDS[:-2] if path.endswith("[]") else BOUNDS
    default = schema.get("default", [])
    return [
        *(str(schema[bound]) for bound in bounds if bound in schema),
        *(_written(word) for word in (default if isinstance(default, list) else [default])),
        *schema.get("enum", ()),
    ]


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_text_quotes_the_constants_of_the_code() -> None:
    quoted = {
        constants.RUN_REQUEST_ANNOTATION: SCHEMA["description"],
        constants.REDRIVE_ANNOTATION: FIELDS["status.handledRedrives"]["description"],
        f"at most {constants.MAX_ACTIVE_RUNS} runs": FIELDS["spec.concurrencyPolicy"][
            "description"
        ],
        f"at most {constants.MAX_CATCH_UP_RUNS}.": FIELDS["spec.missedRunPolicy"]["description"],
    }

    assert [words for words, text in quoted.items() if words not in text] == []


def test_the_text_spells_out_the_durations_of_the_code() -> None:
    assert constants.LATE_SECONDS == 10
    assert "within ten seconds" in FIELDS["spec.missedRunPolicy"]["description"]
    assert MAX_RETRY_AFTER_SECONDS == 3600
    assert "at most an hour" in FIELDS["spec.retry"]["description"]

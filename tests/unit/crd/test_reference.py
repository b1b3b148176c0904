"""`docs/reference.md` is generated, and is what the CRD says now."""

from dev import generate_reference
from dev.crd import load_schema, walk


def test_the_document_is_current() -> None:
    written = generate_reference.PATH.read_text(encoding="utf-8")

    assert written == generate_reference.render(), "run python -m dev.generate_reference"


def test_every_field_with_a_text_of_its_own_has_a_section() -> None:
    sections = generate_reference.render().splitlines()

    for path, schema in walk(load_schema()):
        if path.startswith(("spec", "status")) and "description" in schema:
            assert any(line.endswith(f"# `{path}`") for line in sections), path

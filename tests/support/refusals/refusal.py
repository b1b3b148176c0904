"""One row of the tables."""

from dataclasses import dataclass

from tests.support.crontasks import Manifest


@dataclass(frozen=True)
class Refusal:
    """A spec with one mistake, the field that is named, and words of the message."""

    spec: Manifest
    field: str
    message: str


def spec_field(spec: Manifest, path: str, message: str) -> Refusal:
    """Return the refusal of the field at `path` below ``spec``."""
    return Refusal(spec, f"spec.{path}", message)

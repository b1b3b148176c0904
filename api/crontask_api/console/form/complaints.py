"""complaints finds the fields of the form that a refusal is about."""

import re
from collections.abc import Iterable
from typing import Final

from crontask_api.console.form.draft import PARTS
from crontask_api.console.form.fields import FIELDS, LABELS, OBJECT_NAME, Kind
from crontask_core.errors import SpecError
from crontask_kube.errors import InvalidError

Complaints = dict[str, list[str]]
"""Sentences by field; under "" those that are about none. A part of a row goes by
``FIELD.INDEX.PART``, and a row by ``FIELD.INDEX``."""

MOST: Final = 5
"""Sentences about one field."""

_NOWHERE: Final = "<nil>"
"""Where the API server says that it judged no further."""

_INDEX: Final = re.compile(r"\[(\d+)\]")
_PREFIX: Final = re.compile(
    r'^(?:Invalid value: "?(?:object|string|array|null)"?|Forbidden|Required value): '
)
"""What the API server puts before the sentence of a rule of the CRD."""


def of_refusal(error: InvalidError) -> Complaints:
    """Return what the API server complains of."""
    causes = [cause for cause in error.causes if cause.field != _NOWHERE]
    if not causes:
        return {"": [str(error)]}
    return _by_field((cause.field, cause.message or str(error)) for cause in causes)


def of_spec(error: SpecError) -> Complaints:
    """Return what the operator would complain of."""
    return _by_field([(error.field, error.message)])


def _by_field(found: Iterable[tuple[str, str]]) -> Complaints:
    complaints: Complaints = {}
    for path, message in found:
        name = _name(path)
        sentence = _PREFIX.sub("", message)
        if not name and path and path != "spec":
            sentence = f"{path}: {sentence}"
        told = complaints.setdefault(name, [])
        if sentence not in told and len(told) < MOST:
            told.append(sentence)
    return complaints


def _name(path: str) -> str:
    """Return the field that a path such as ``spec.callback.http.headers[0].value`` leads to."""
    if path.startswith(LABELS):
        return LABELS
    name = path if path == OBJECT_NAME else _INDEX.sub(r".\1", path).removeprefix("spec.")
    if name in FIELDS:
        return name
    for parent in _parents(name):
        if parent in FIELDS:
            return _row(name, parent) if FIELDS[parent].kind is Kind.ENTRIES else parent
    # What a switch chooses is missing: spec.callback.grpc.descriptorSetRef has two fields.
    return next((each for each in FIELDS if name and each.startswith(f"{name}.")), "")


def _parents(name: str) -> Iterable[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))


def _row(name: str, parent: str) -> str:
    index, _, part = name.removeprefix(f"{parent}.").partition(".")
    if not index.isdigit():
        return parent
    return f"{parent}.{index}.{part}" if part in PARTS else f"{parent}.{index}"

"""texts turns values of a spec into the texts of fields, and back, for the form."""

import re
from typing import Any, Final

from crontask_api.console.form.fields import Field, Kind

_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_FRACTION: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,17})?")
_BETWEEN: Final = re.compile(r"[,\s]+")

SHOWN: Final = 60
"""Characters of a wrong text that a complaint repeats."""


class TextError(ValueError):
    """A text is none for its field. `key` is that of the words that say so, with `found`."""

    def __init__(self, key: str, found: str) -> None:
        super().__init__(key)
        self.key = key
        self.found = found if len(found) <= SHOWN else f"{found[:SHOWN]}\u2026"


def text_of(each: Field, value: Any) -> str:
    """Return the text of a field whose value is `value`, None if it has none."""
    if value is None:
        return each.default if each.kind is Kind.CHOICE else ""
    match each.kind:
        case Kind.FLAG:
            return "true" if value else ""
        case Kind.WORDS | Kind.NUMBERS:
            return ", ".join(map(str, value))
        case Kind.FACTOR:
            return str(int(value)) if value == int(value) else repr(float(value))
        case _:
            return str(value)


def value_of(each: Field, text: str) -> Any:
    """Return the value that a text stands for, None for an empty one.

    Raises
    ------
    TextError
        If it is none for this field. What only the API server can judge is not judged.
    """
    match each.kind:
        case Kind.FLAG:
            return bool(text)
        case Kind.NUMBER:
            return _number(text.strip()) if text.strip() else None
        case Kind.FACTOR:
            return _fraction(text.strip()) if text.strip() else None
        case Kind.WORDS:
            return words_of(text) or None
        case Kind.NUMBERS:
            return [_number(word) for word in words_of(text)] or None
        case _:
            return text or None


def words_of(text: str) -> list[str]:
    """Return the words of a text, which commas, spaces or lines keep apart."""
    return [word for word in _BETWEEN.split(text) if word]


def labels_text(labels: dict[str, str]) -> str:
    """Return labels as lines of ``name=value``."""
    return "\n".join(f"{name}={value}" for name, value in sorted(labels.items()))


def labels_of(text: str) -> dict[str, str]:
    """Return the labels that the lines of a text say.

    Raises
    ------
    TextError
        If a line has no equals sign, or a name comes twice.
    """
    labels: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name:
            raise TextError("wrong.label", line)
        if name in labels:
            raise TextError("wrong.label_twice", name)
        labels[name] = value
    return labels


def _number(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise TextError("wrong.number", text)
    return int(text)


def _fraction(text: str) -> int | float:
    if not _FRACTION.fullmatch(text):
        raise TextError("wrong.factor", text)
    return float(text) if "." in text else int(text)

"""Draft is what stands in a form: a text for each field, and rows of headers.

A browser sends back what a field shows. Where a text holds what a field cannot show, such as
a control character, the page shows a picture in its place, and the text itself travels beside
it: whoever leaves the field alone changes nothing, and else what they see is what counts.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from crontask_api.console.form.fields import FIELDS, Field, Kind
from crontask_api.console.words.visible import one_line, visible

RAW: Final = "~raw"
"""Ends the name of the field that holds a text which cannot be shown."""

MOST_ENTRIES: Final = 40
"""Rows that are read; the API server takes 32, and says so."""

VALUE: Final = "value"
SECRET: Final = "secret"  # noqa: S105 - a word
KEPT: Final = "kept"
"""The value that the task has, which the visitor may not read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One header. `source` is one of the three words above."""

    name: str = ""
    source: str = VALUE
    value: str = ""
    secret: str = ""
    key: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written into the row."""
        return not (self.name or self.value or self.secret or self.key or self.source == KEPT)


PARTS: Final = {
    "name": "name",
    "source": "source",
    "value": "value",
    "secretKeyRef.name": "secret",
    "secretKeyRef.key": "key",
}
"""What the parts of a row are called in a form, as in the spec, and here."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in a form. A field that is not there is empty."""

    texts: Mapping[str, str]
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the text of a field."""
        return self.texts.get(name, "")

    def rows(self, name: str) -> tuple[Entry, ...]:
        """Return the rows of a field."""
        return self.entries.get(name, ())

    def holds(self, each: Field) -> bool:
        """Return whether a field says something of the task, as the switches stand."""
        return each.stays or all(self.text(one.switch) == one.value for one in each.only)

    def settled(self) -> "Draft":
        """Return the same without what does not matter, so that equal tasks are equal drafts."""
        texts, entries = {}, {}
        for name, each in FIELDS.items():
            is_held = self.holds(each)
            if each.kind is Kind.ENTRIES:
                entries[name] = self.rows(name) if is_held else ()
            else:
                texts[name] = self.text(name) if is_held else first_text(each)
        return Draft(texts, entries)

    def with_text(self, name: str, text: str) -> "Draft":
        """Return the same but for one text."""
        return replace(self, texts={**self.texts, name: text})

    def taking(self, name: str, other: "Draft") -> "Draft":
        """Return the same but for one field, as it is in `other`."""
        if FIELDS[name].kind is Kind.ENTRIES:
            return replace(self, entries={**self.entries, name: other.rows(name)})
        return self.with_text(name, other.text(name))

    def is_same(self, name: str, other: "Draft") -> bool:
        """Return whether one field is as in `other`."""
        return self.text(name) == other.text(name) and self.rows(name) == other.rows(name)


def first_text(each: Field) -> str:
    """Return what an untouched form has in a field."""
    return each.default if each.kind in (Kind.CHOICE, Kind.SWITCH) else ""


def typed(kind: Kind, text: str) -> str:
    """Return what a browser shows, and sends back, of a field with this text."""
    return visible(text) if kind is Kind.TEXT else one_line(text)


def raw_of(kind: Kind, text: str) -> str:
    """Return what has to travel beside a field with this text; mostly nothing."""
    if typed(kind, text) == text:
        return ""
    return base64.urlsafe_b64encode(text.encode(errors="replace")).decode().rstrip("=")


def read_draft(form: Iterable[tuple[str, str]]) -> Draft:
    """Return what a browser sent."""
    sent: dict[str, str] = {}
    for name, value in form:
        sent.setdefault(name, value)
    texts, entries = {}, {}
    for name, each in FIELDS.items():
        if each.kind is Kind.ENTRIES:
            rows = (_entry(sent, f"{name}.{index}") for index in range(MOST_ENTRIES))
            entries[name] = tuple(row for row in rows if not row.is_blank)
        elif each.kind is Kind.FLAG:
            texts[name] = "true" if sent.get(name) else ""
        elif each.kind is Kind.SWITCH:
            texts[name] = sent[name] if sent.get(name) in each.choices else each.default
        else:
            texts[name] = _sent(sent, name, each.kind, first_text(each))
    return Draft(texts, entries)


def _entry(sent: Mapping[str, str], prefix: str) -> Entry:
    found = {ours: _sent(sent, f"{prefix}.{part}", Kind.LINE, "") for part, ours in PARTS.items()}
    if found["source"] not in (SECRET, KEPT):
        found["source"] = VALUE
    return Entry(**found)


def _sent(sent: Mapping[str, str], name: str, kind: Kind, otherwise: str) -> str:
    # Browsers end a line with both characters.
    text = sent.get(name, otherwise).replace("\r\n", "\n")
    raw = sent.get(name + RAW)
    if raw:
        before = _decoded(raw)
        if before is not None and typed(kind, before) == text:
            return before
    return text


def _decoded(raw: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
    except (ValueError, binascii.Error):
        # Nobody's form; what it shows counts.
        return None

"""shown_form says what the template draws: sections of fields with their texts and complaints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crontask_api.console.form.complaints import Complaints
from crontask_api.console.form.conflict import Difference
from crontask_api.console.form.draft import (
    KEPT,
    PARTS,
    SECRET,
    VALUE,
    Draft,
    Entry,
    first_text,
    raw_of,
)
from crontask_api.console.form.fields import FIELDS, NEW_ONLY, SECTIONS, Field, Kind
from crontask_api.console.words.language import Language

BLANK_ROWS: Final = 1
"""Rows that a list of headers offers beyond those that are filled."""
MORE_ROWS: Final = 4
"""Those that it has when more are asked for."""

_WIDGETS: Final = frozenset({Kind.TEXT, Kind.CHOICE, Kind.FLAG, Kind.SWITCH, Kind.ENTRIES})
"""Kinds with a template of their own; all others are a line."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a row."""

    name: str
    label: str
    text: str
    raw: str
    complaints: list[str]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One header. `parts` go by what `Entry` calls them."""

    prefix: str
    number: int
    parts: Mapping[str, Part]
    source_name: str
    sources: list[tuple[str, str, bool]]
    complaints: list[str]


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field, as the template draws it."""

    name: str
    kind: Kind
    label: str
    help: str
    text: str
    raw: str
    hint: str
    """What an empty field means."""
    choices: list[tuple[str, str, bool]]
    """Of each its value, its word, and whether it is chosen."""
    rows: list[ShownRow]
    lines: int
    complaints: list[str]
    classes: str
    is_code: bool

    @property
    def widget(self) -> str:
        """The template that draws it."""
        return self.kind if self.kind in _WIDGETS else Kind.LINE

    @property
    def is_number(self) -> bool:
        """Whether a phone should show its digits."""
        return self.kind in (Kind.NUMBER, Kind.FACTOR)

    @property
    def described(self) -> str:
        """The ids of what is said of it, for those who cannot see where that stands."""
        wrong = [f"f-{self.name}-wrong-{index + 1}" for index in range(len(self.complaints))]
        return " ".join([*wrong, f"f-{self.name}-help"] if self.help else wrong)


@dataclass(frozen=True, slots=True)
class ShownSection:
    """Fields that belong together. `set_count` of them say something."""

    name: str
    title: str
    fields: list[ShownField]
    is_folded: bool
    is_open: bool
    set_count: int


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A field with the person's text and that of others."""

    name: str
    label: str
    mine: str
    theirs: str
    takes_theirs: bool


def shown_form(
    draft: Draft,
    language: Language,
    complaints: Complaints,
    *,
    is_new: bool,
    more: str = "",
) -> list[ShownSection]:
    """Return the sections; `more` is the field of which more rows were asked for."""
    sections = []
    for section in SECTIONS:
        fields = [
            _field(each, draft, language, complaints, more=more == each.name)
            for each in section.fields
            if is_new or each.name not in NEW_ONLY
        ]
        if not fields:
            continue
        set_count = sum(_is_set(FIELDS[each.name], draft) for each in fields)
        has_errors = any(
            each.complaints or any(row.complaints for row in each.rows) for each in fields
        ) or any(_begins_with(name, section.fields) for name in complaints)
        asked = any(each.name == more for each in fields)
        sections.append(
            ShownSection(
                section.name,
                language.text(f"form.section.{section.name}"),
                fields,
                section.is_folded,
                has_errors or asked,
                set_count,
            )
        )
    return sections


def shown_differences(found: Sequence[Difference], language: Language) -> list[ShownDifference]:
    """Return what of two versions is shown side by side."""
    return [
        ShownDifference(
            each.name,
            language.text(f"form.{each.name}"),
            _said(each.name, each.mine, language),
            _said(each.name, each.theirs, language),
            each.takes_theirs,
        )
        for each in found
    ]


def told_complaints(
    complaints: Complaints, language: Language, *, is_new: bool
) -> list[tuple[str, str, str]]:
    """Return all complaints for the top of the page: the field's id, its label, a sentence.

    Id and label are empty for what is about no field that is shown.
    """
    told = []
    for name, sentences in complaints.items():
        field = next((each for each in FIELDS if _is_in(name, each)), "")
        if not is_new and field in NEW_ONLY:
            field = ""
        label = language.text(f"form.{field}") if field else ""
        told += [(f"f-{name}" if field else "", label, sentence) for sentence in sentences]
    return told


def _field(
    each: Field, draft: Draft, language: Language, complaints: Complaints, *, more: bool
) -> ShownField:
    text = draft.text(each.name)
    classes = [f"only-{one.switch.replace('.', '-')}-{one.value}" for one in each.only]
    if each.is_wide:
        classes.append("wide")
    return ShownField(
        name=each.name,
        kind=each.kind,
        label=language.text(f"form.{each.name}"),
        help=language.known(f"form.{each.name}.help", ""),
        text=text,
        raw=raw_of(each.kind, text),
        hint=each.default if each.kind not in (Kind.CHOICE, Kind.SWITCH) else "",
        choices=_choices(each, text, language),
        rows=_rows(each, draft.rows(each.name), language, complaints, more=more),
        lines=min(max(text.count("\n") + 1, 3), 16),
        complaints=complaints.get(each.name, []),
        classes=" ".join(classes),
        is_code=each.is_code,
    )


def _choices(each: Field, text: str, language: Language) -> list[tuple[str, str, bool]]:
    # A word that another version knows stays a choice.
    values = each.choices if text in each.choices or not each.choices else (*each.choices, text)
    return [
        (value, language.known(f"choice.{each.name}.{value}", value), value == text)
        for value in values
    ]


def _rows(
    each: Field, entries: Sequence[Entry], language: Language, complaints: Complaints, *, more: bool
) -> list[ShownRow]:
    if each.kind is not Kind.ENTRIES:
        return []
    blank = [Entry()] * (MORE_ROWS if more else BLANK_ROWS)
    return [
        _row(f"{each.name}.{index}", index + 1, entry, language, complaints)
        for index, entry in enumerate((*entries, *blank))
    ]


def _row(
    prefix: str, number: int, entry: Entry, language: Language, complaints: Complaints
) -> ShownRow:
    parts = {}
    for part, ours in PARTS.items():
        text = getattr(entry, ours)
        parts[ours] = Part(
            f"{prefix}.{part}",
            language.text(f"form.entry.{ours}"),
            text,
            raw_of(Kind.LINE, text),
            complaints.get(f"{prefix}.{part}", []),
        )
    sources = (VALUE, SECRET, KEPT) if entry.source == KEPT else (VALUE, SECRET)
    return ShownRow(
        prefix,
        number,
        parts,
        f"{prefix}.source",
        [(each, language.text(f"form.source.{each}"), each == entry.source) for each in sources],
        [
            *complaints.get(prefix, []),
            *(sentence for part in parts.values() for sentence in part.complaints),
        ],
    )


def _is_set(each: Field, draft: Draft) -> bool:
    if not draft.holds(each):
        return False
    if each.kind is Kind.ENTRIES:
        return bool(draft.rows(each.name))
    return draft.text(each.name) not in (first_text(each), each.default)


def _said(name: str, text: str, language: Language) -> str:
    if not text:
        return language.text("form.conflict.nothing")
    return language.known(f"choice.{name}.{text}", text)


def _begins_with(name: str, fields: Sequence[Field]) -> bool:
    return any(_is_in(name, each.name) for each in fields)


def _is_in(name: str, field: str) -> bool:
    is_row = FIELDS[field].kind is Kind.ENTRIES and name.startswith(f"{field}.")
    return name == field or is_row

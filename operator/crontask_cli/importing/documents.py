"""documents reads JSON and CSV, and the fields of what is in them or in YAML, for the formats.

Whoever wrote the file may be anybody. What is wrong is told with the file and the line, the
index or the field.
"""

import csv
import json
from collections.abc import Iterator
from typing import Any, Final

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.files import as_text
from crontask_cli.importing.found import NotConvertible, shown

MAX_CELL: Final = 1024 * 1024
"""Characters of a cell of CSV."""

Fields = dict[str, Any]


def json_items(source: str, content: bytes, *keys: str) -> Iterator[tuple[str, Any]]:
    """Yield the items of a JSON list with their places, or a single item.

    The list may be the value of the first of `keys` that is there.

    Raises
    ------
    CliError
        If it is no JSON.
    """
    try:
        whole = json.loads(as_text(source, content))
    except json.JSONDecodeError as error:
        raise CliError(f"{source}:{error.lineno}: it is no JSON: {error.msg}", MISTAKE) from error
    except (RecursionError, ValueError) as error:
        raise CliError(f"{source}: it is no JSON that can be read", MISTAKE) from error
    path = ""
    if isinstance(whole, dict):
        path = next((key for key in keys if key in whole), "")
        whole = whole[path] if path else [whole]
    if not isinstance(whole, list):
        raise CliError(
            f"{source}: {path or 'all of it'}: expected a list, found {_kind(whole)}", MISTAKE
        )
    for index, item in enumerate(whole):
        yield f"{source}: {path}[{index}]" if path else f"{source}[{index}]", item


def csv_rows(source: str, content: bytes) -> Iterator[tuple[str, Fields]]:
    """Yield the rows of CSV, or of values between tabs, by the names in its first line.

    Raises
    ------
    CliError
        If a row cannot be read.
    """
    text = as_text(source, content)
    head = text.partition("\n")[0]
    delimiter = "\t" if "\t" in head else ","
    csv.field_size_limit(MAX_CELL)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise CliError(
                    f"{source}:{reader.line_num}: expected {len(reader.fieldnames or ())} values",
                    MISTAKE,
                )
            absent = ("", "NULL", "\\N")
            yield (
                f"{source}:{reader.line_num}",
                {key.strip().lower(): value for key, value in row.items() if value not in absent},
            )
    except csv.Error as error:
        raise CliError(f"{source}:{reader.line_num}: it is no CSV: {error}", MISTAKE) from error


def looks_like_json(content: bytes) -> bool:
    """Return whether `content` begins as a list or an object of JSON."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")


def fields_of(item: Any, field: str = "") -> Fields:
    """Return `item`, which is an object; {} if it is absent.

    Raises
    ------
    NotConvertible
        If it is something else.
    """
    if item is None:
        return {}
    if not isinstance(item, dict):
        where = f"{field}: " if field else ""
        raise NotConvertible(f"{where}expected an object, found {_kind(item)}")
    return item


def text_of(fields: Fields, name: str, default: str | None = None) -> str:
    """Return a text of `fields`; a number is one too.

    Raises
    ------
    NotConvertible
        If it is missing and has no default, or something else.
    """
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise NotConvertible(f"{name}: expected a text, found {_kind(value)}")
    return value


def number_of(fields: Fields, name: str, default: int) -> int:
    """Return a whole number of `fields`, which may be written as a text.

    Raises
    ------
    NotConvertible
        If it is something else.
    """
    value = fields.get(name)
    if value is None or value == "":
        return default
    text = str(value)
    if isinstance(value, bool) or not text.lstrip("-").isdecimal() or len(text) > 15:
        raise NotConvertible(f"{name}: expected a whole number, found {shown(value)}")
    return int(text)


def flag_of(fields: Fields, name: str) -> bool:
    """Return a truth value of `fields`; False if it is absent.

    Raises
    ------
    NotConvertible
        If it is something else.
    """
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise NotConvertible(f"{name}: expected true or false, found {shown(value)}")


def note_others(known: str, fields: Fields) -> Iterator[str]:
    """Yield a note for each field that is set and not among the `known`."""
    for name, value in fields.items():
        if name not in known.split() and value not in (None, "", 0, False, [], {}, "0", "false"):
            yield f"{name if name.isprintable() else shown(name)}: a task has no such field"


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {dict: "an object", list: "a list", bool: "a truth value", str: "a text"}
    return names.get(type(value), "a number")

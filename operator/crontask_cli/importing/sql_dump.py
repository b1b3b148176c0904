"""sql_dump reads the rows that mysqldump writes, for `go_crontab`.

::

    CREATE TABLE `task` ( `id` int ..., `name` ... );     names of the columns
    INSERT INTO `task` VALUES (1,'a\\'b',NULL), (2,...);    or INSERT INTO `task` (`id`, ...)
"""

import re
from collections.abc import Iterator
from typing import Final

from crontask_cli.errors import MISTAKE, CliError

_CREATE: Final = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`?(\w+)`?\s*\(", re.I)
_COLUMN: Final = re.compile(r"^\s*`(\w+)`\s", re.MULTILINE)
_INSERT: Final = re.compile(r"INSERT\s+INTO\s+`?(\w+)`?\s*(\([^)]*\))?\s*VALUES\s*", re.I)
_VALUE: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*')|(?P<null>NULL)|(?P<bare>[-+.0-9A-Fa-fxX]+))\s*",
    re.DOTALL,
)
_ESCAPES: Final = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "b": "\b"}
_ESCAPED: Final = re.compile(r"\\(.)|''", re.DOTALL)


def sql_rows(source: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row with its place, by the names of its columns, without what is NULL.

    Raises
    ------
    CliError
        If a statement cannot be read, with its line.
    """
    created = dict(_created(text))
    for insert in _INSERT.finditer(text):
        table, listed = insert.groups()
        columns = re.findall(r"\w+", listed) if listed else created.get(table)
        line = text.count("\n", 0, insert.start()) + 1
        if not columns:
            raise CliError(
                f"{source}:{line}: the columns of {table} are not known: expected CREATE TABLE "
                "before it, or their names in the INSERT",
                MISTAKE,
            )
        index, place = 0, insert.end()
        while True:
            where = f"{source}:{line}: {table}[{index}]"
            values, place = _row(where, text, place)
            if len(values) != len(columns):
                raise CliError(
                    f"{where}: expected {len(columns)} values, found {len(values)}", MISTAKE
                )
            pairs = zip(columns, values, strict=True)
            yield where, {name.lower(): value for name, value in pairs if value is not None}
            index += 1
            if text[place : place + 1] != ",":
                break
            place += 1


def _created(text: str) -> Iterator[tuple[str, list[str]]]:
    for create in _CREATE.finditer(text):
        end = text.find(";", create.end())
        yield create[1], _COLUMN.findall(text, create.end(), end if end >= 0 else len(text))


def _row(where: str, text: str, place: int) -> tuple[list[str | None], int]:
    """Return the values of the row that begins at `place`, and where it ends."""
    begin = re.compile(r"\s*\(").match(text, place)
    if begin is None:
        raise CliError(f"{where}: expected ( before the values", MISTAKE)
    values: list[str | None] = []
    place = begin.end()
    while True:
        value = _VALUE.match(text, place)
        if value is None:
            raise CliError(f"{where}: value {len(values) + 1} cannot be read", MISTAKE)
        if value["text"] is not None:
            values.append(_ESCAPED.sub(_unescaped, value["text"][1:-1]))
        else:
            values.append(value["bare"])
        place = value.end() + 1
        if text[value.end() : place] == ")":
            after = re.compile(r"\s*").match(text, place)
            return values, after.end() if after else place
        if text[value.end() : place] != ",":
            raise CliError(f"{where}: expected , or ) after value {len(values)}", MISTAKE)


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return "'"
    return _ESCAPES.get(match[1], match[1])

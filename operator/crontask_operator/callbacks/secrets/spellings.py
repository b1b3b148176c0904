"""spellings decodes a text for `redaction`, and tells where each character stood before.

A target that quotes what it was sent writes it into JSON, HTML or a URL, and each of them
spells some characters in another way. What is looked for is found in the decoded text;
what is taken out is its spelling in the text as it came::

    text     {"got": "a\\u002Fb&amp;c%2Fd"}
    decoded  {"got": "a/b&c/d"}
"""

import re
from html.entities import html5
from typing import Final, NamedTuple

DEPTH: Final = 2
"""How many spellings may lie within each other, such as a URL within JSON."""

_SPELLING: Final = re.compile(
    r"\+"
    r"|%[0-7][0-9A-Fa-f]"
    r"|%[CDcd][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])"
    r"|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
    r"|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"
    r"|\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}"
    r"|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'\\/bfnrt])"
    r"|&(?:#[0-9]{1,10}|#[Xx][0-9A-Fa-f]{1,8}|[A-Za-z][0-9A-Za-z]{1,31});"
)
_UNFINISHED: Final = re.compile(
    r"(?:(?:%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){0,2})?(?:%[0-9A-Fa-f]?)?"
    r"|(?:[\ud800-\udbff]|\\u[Dd][89ABab][0-9A-Fa-f]{2})?(?:\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?)?"
    r"|&#?[0-9A-Za-z]{0,31})\Z"
)
_LONGEST_SPELLING: Final = 34
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LAST_CODE: Final = 0x10FFFF


class Reading(NamedTuple):
    """A text as it is read.

    The character `i` of `text` was spelled by the characters from ``starts[i]`` to
    ``starts[i + 1]`` of the original.
    """

    text: str
    starts: list[int] | range


def readings(text: str) -> list[Reading]:
    """Return `text` as it is, and as it is decoded once, twice, up to `DEPTH` times.

    It takes time in proportion to `text`.
    """
    result = [Reading(text, range(len(text) + 1))]
    for _ in range(DEPTH):
        inner = _decoded(result[-1])
        if inner is None:
            break
        result.append(inner)
    return result


def decoded(text: str) -> str:
    """Return `text` decoded once."""
    reading = _decoded(Reading(text, range(len(text) + 1)))
    return text if reading is None else reading.text


def ends(text: str) -> list[int]:
    """Return where `text` may end, if it was cut: as it is, or before a spelling's begin.

    A spelling may have been cut within another one, as in ``\\&quo``.
    """
    result = [len(text)]
    for _ in range(DEPTH + 1):
        end = result[-1]
        found = _UNFINISHED.search(text, max(0, end - _LONGEST_SPELLING), end)
        if found is None or found.start() == end:
            break
        result.append(found.start())
    return result


def _decoded(reading: Reading) -> Reading | None:
    text, starts = reading
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for found in _SPELLING.finditer(text):
        character = _character(found.group())
        if character is None:
            continue
        begin, end = found.span()
        parts += (text[done:begin], character)
        places += starts[done : begin + 1]
        done = end
    if not done:
        return None
    parts.append(text[done:])
    places += starts[done:]
    return Reading("".join(parts), places)


def _character(spelling: str) -> str | None:
    """Return what `spelling` stands for, None if nothing."""
    if spelling == "+":
        return " "
    if spelling[0] == "%":
        return bytes.fromhex(spelling.replace("%", "")).decode("utf-8", "ignore") or None
    if spelling[0] == "\\":
        return _escaped(spelling)
    if spelling[1] != "#":
        character = html5.get(spelling[1:])
        return character if character is not None and len(character) == 1 else None
    code = int(spelling[3:-1], 16) if spelling[2] in "Xx" else int(spelling[2:-1])
    return chr(code) if code <= _LAST_CODE else None


def _escaped(spelling: str) -> str:
    if len(spelling) == 12:
        pair = bytes.fromhex(spelling.replace("\\u", ""))
        return pair.decode("utf-16-be")
    if len(spelling) > 2:
        return chr(int(spelling[2:], 16))
    return _LETTERS.get(spelling[1], spelling[1])

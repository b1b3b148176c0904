"""visible shows what cannot be seen in a text: control and bidirectional characters.

A name may hold characters that end a line, hide others or turn their order around, so that
it looks like another name. Everything that a page shows passes through here.
"""

import re
import unicodedata
from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, formats such as overrides of direction, half pairs, and breaks of lines."""

_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Breaks of what has several lines; the joiners, without which some scripts and emoji are
not written. They join, and turn nothing around."""

_MAYBE_HIDDEN: Final = re.compile(r"[^\t\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u3001-\ud7ff]")
"""Finds what has to be looked at closer; most texts hold none of it."""

_PICTURES: Final = 0x2400
"""Where Unicode has a picture for each control character of ASCII."""


def visible(text: str) -> str:
    """Return `text` with a picture or the number of each character that has no shape."""
    return _MAYBE_HIDDEN.sub(_shape, text)


def one_line(text: str) -> str:
    """Return the same, for a text that should be one line: its breaks are shown too."""
    return visible(text).replace("\n", "\u240a").replace("\t", "\u2409")


def _shape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return "\u2421"
    return f"\u27e8U+{code:04X}\u27e9"

"""prose cuts a text into words and what Markdown quotes as code, for pages that show both."""

import re
from typing import Final, NamedTuple

_CODE: Final = re.compile(r"(`+)(.+?)\1", re.DOTALL)


class Part(NamedTuple):
    """A part of a text."""

    text: str
    is_code: bool


def prose(text: str) -> list[Part]:
    """Return the parts of `text`, in their order."""
    parts: list[Part] = []
    place = 0
    for found in _CODE.finditer(text):
        parts += [Part(text[place : found.start()], False), Part(found[2], True)]
        place = found.end()
    parts.append(Part(text[place:], False))
    return [part for part in parts if part.text]

"""safe makes text of others harmless for a terminal, for everything that is printed.

Names, URLs, answers and messages are chosen by tenants and targets. An escape sequence in
one of them could move the cursor, change the title or hide a line; a bidirectional mark
could turn a name around.
"""

from typing import Final

_SPACES: Final = {"\u00a0", "\u3000"}
"""No-break and ideographic space: not printable to Python, and harmless in any script."""


def safe(text: str) -> str:
    """Return `text` in one line, with what is not printable escaped as in Python."""
    if text.isprintable():
        return text
    return "".join(map(_escaped, text))


def safe_json(text: str) -> str:
    r"""Return the JSON `text` with what is not printable as ``\uXXXX``, which is JSON too.

    Such characters stand within strings alone, but for the ends of lines.
    """
    if text.isprintable():
        return text
    return "".join(_escaped_in_json(each) for each in text)


def is_safe(text: str) -> bool:
    """Return whether `text`, of several lines, can be printed as it is."""
    return text.replace("\n", "").isprintable()


def _escaped(character: str) -> str:
    if character.isprintable() or character in _SPACES:
        return character
    return character.encode("unicode_escape").decode("ascii")


def _escaped_in_json(character: str) -> str:
    if character == "\n" or character.isprintable() or character in _SPACES:
        return character
    # Two surrogates for what is beyond the first plane, as JSON wants it.
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[index : index + 4]}" for index in range(0, len(units), 4))

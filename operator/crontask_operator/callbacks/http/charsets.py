"""charsets finds the codec for the charset of an answer, for `Answer`.

Python looks for a codec in every way it can, and remembers each name that it did not
find: a target that sends a new one with every answer would fill the memory. So names are
looked up here, in a list, and only what stands in it is a codec's name.
"""

import codecs
from collections.abc import Mapping
from encodings.aliases import aliases
from typing import Final

UTF_8: Final = "utf-8"

_CODECS: Final = (
    "ascii",
    "big5",
    "cp125",
    "cp866",
    "cp874",
    "cp932",
    "cp936",
    "cp949",
    "cp950",
    "euc_",
    "gb",
    "iso8859_",
    "koi8_",
    "latin_1",
    "shift_jis",
    "utf_16",
)
"""Beginnings of the codec names that an answer may ask for. Python has others, which
are no charsets of the web or take quadratic time."""

_LONGEST: Final = 32


def _known() -> Mapping[str, str]:
    names = {*aliases, *aliases.values(), "cp874", "koi8_u"}
    codec_of = {name: aliases.get(name, name) for name in names}
    return {name: codec for name, codec in codec_of.items() if codec.startswith(_CODECS)}


_CODEC_OF: Final = _known()


def charset_of(content_type: str) -> str:
    """Return the codec that a Content-Type's charset parameter names, or UTF-8."""
    _, found, parameter = content_type.lower().partition("charset=")
    if not found:
        return UTF_8
    name = parameter.partition(";")[0].strip(" \t\"'")
    if len(name) > _LONGEST:
        return UTF_8
    return _CODEC_OF.get(name.replace("-", "_").replace(" ", "_"), UTF_8)


def decoder_of(charset: str) -> codecs.IncrementalDecoder | None:
    """Return what decodes `charset` bit by bit; None for UTF-8, which stays as it is."""
    return None if charset == UTF_8 else codecs.getincrementaldecoder(charset)("replace")

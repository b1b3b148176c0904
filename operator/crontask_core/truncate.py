"""truncate cuts text to a number of bytes for records and messages, with a mark.

Records and log lines keep the beginning of bodies. A reader must be able to tell a
short answer from one that was cut, so the mark is part of the text and counts towards
the bound.
"""

from typing import Final

QUOTED: Final = 80
"""Characters of a tenant's value that a message repeats."""


def truncate(text: str, limit: int, *, more: bool = False, size: int | None = None) -> str:
    """Return `text` in at most `limit` bytes of UTF-8.

    Parameters
    ----------
    text
        What is to be kept.
    limit
        Bound of the result in bytes, the mark included. A limit which cannot hold the
        mark cuts without one.
    more
        Whether `text` itself is only the beginning of what there was. The result is
        then marked even if it fits.
    size
        Bytes of what there was, if `text` is only the beginning of it.
    """
    # A character takes one to four bytes, which settles most texts without encoding.
    whole = not more and size is None
    if whole and len(text) * 4 <= limit:
        return text
    data = text.encode("utf-8", "replace")
    if whole and len(data) <= limit:
        return text
    told = len(data) if size is None else size
    mark = f"... [cut, {told}{' or more' if more else ''} bytes in all]"
    room = limit - len(mark)
    if room < 0:
        return _whole_characters(data[: max(limit, 0)])
    return _whole_characters(data[:room]) + mark


def quoted(text: str) -> str:
    """Return `text` in quotes, as messages repeat a value: at most `QUOTED` characters of it."""
    return repr(text) if len(text) <= QUOTED else f"{text[:QUOTED]!r}... [cut, {len(text)}]"


def _whole_characters(data: bytes) -> str:
    # A cut inside a character leaves up to three bytes of it at the end.
    return data.decode("utf-8", "ignore")

"""What protobuf says of a schema or of bytes that come from elsewhere, in bounds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from crontask_core.excerpt import excerpt

WORDS_BYTES: Final = 500
"""How much of protobuf's words a record shows. They quote what it was given."""

LIST_LENGTH: Final = 20
"""Names of a list that a record shows."""


_OUTER: Final = re.compile(r"(?:Failed to parse \S+ field: )+(?=Failed to parse )")
"""What protobuf says before the place of a fault, for each message that it lies in."""


class ForeignError(Exception):
    """Protobuf cannot use what it was given; the message is what it says."""


@contextmanager
def foreign() -> Iterator[None]:
    """Make every fault of the block a `ForeignError`.

    Protobuf tells of a bad schema, bad bytes and bad JSON by its own errors, and as well
    by TypeError, ValueError, KeyError, AttributeError, OverflowError, UnicodeEncodeError and
    RecursionError, as the fault happens to be met. In a block that does nothing but use
    it, each of them is the fault of what it was given.
    """
    try:
        yield
    except (ForeignError, MemoryError):
        raise
    except RecursionError as error:
        raise ForeignError("it is nested too deep") from error
    except Exception as error:
        raise ForeignError(words(_OUTER.sub("", str(error)) or type(error).__name__)) from error


def words(text: str) -> str:
    """Return `text` on one line, in at most `WORDS_BYTES`, and such that it can be encoded."""
    line = " ".join(text.split())
    return excerpt(line.encode("utf-8", "replace").decode(), WORDS_BYTES)


def listed(names: list[str]) -> str:
    """Return the first of `names` in order, and how many there are besides."""
    shown = sorted(names)[:LIST_LENGTH]
    more = len(names) - len(shown)
    text = words(", ".join(shown) or "none")
    return f"{text} and {more} more" if more else text

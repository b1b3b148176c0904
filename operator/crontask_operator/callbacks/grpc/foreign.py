"""foreign shortens protobuf's own error messages about foreign schemas and bytes, for records."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from crontask_core.truncate import truncate
from crontask_operator.callbacks.secrets.redaction import Redactor

KEPT_CHARACTERS: Final = 8 * 1024
"""How much of protobuf's words and of names is kept until it is known what in them is a
Secret's. What is cut sooner may end in the middle of one, which then is not found."""

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
        raise ForeignError(kept(_OUTER.sub("", str(error)) or type(error).__name__)) from error


def kept(text: str) -> str:
    """Return `text` in at most `KEPT_CHARACTERS`, such that it can be encoded.

    It is for `shown`, and so it must be the end of the message that it stands in.
    """
    return text[:KEPT_CHARACTERS].encode("utf-8", "replace").decode()


def shown(message: str, redactor: Redactor) -> str:
    """Return `message` as a record has it: without Secrets, and then cut by `words`."""
    cut = len(message) >= KEPT_CHARACTERS
    return words(redactor.clean(message, cut=cut), more=cut)


def words(text: str, *, more: bool = False) -> str:
    """Return `text` on one line, in at most `WORDS_BYTES`, and such that it can be encoded.

    `more` says that it is the beginning of a longer one.
    """
    line = " ".join(text.split())
    more = more and len(line) > WORDS_BYTES
    return truncate(line.encode("utf-8", "replace").decode(), WORDS_BYTES, more=more)


def listed(names: list[str]) -> str:
    """Return the first of `names` in order, and how many there are besides.

    Names are whole or left out, for what is cut may be the beginning of a Secret.
    """
    chosen: list[str] = []
    room = KEPT_CHARACTERS
    for name in sorted(names)[:LIST_LENGTH]:
        room -= len(name)
        if room < 0:
            break
        chosen.append(name)
    more = len(names) - len(chosen)
    text = ", ".join(chosen) or ("some with long names" if names else "none")
    return f"{text} and {more} more" if more else text

"""format_traceback tells where an unexpected error came from, for logs that hold no secret.

A traceback here has no local variables and no source lines. Of the error itself it has
the type, and the message only where this project or the interpreter wrote it: a foreign
message repeats what was being worked on, such as a header's value or a page that shows
the request with its token.
"""

import os
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from crontask_logs.credentials import hide_credentials

WITHHELD: Final = "[withheld]"

MOST_FRAMES: Final = 60
"""Frames of one traceback; those nearest to the error are kept."""
MOST_ERRORS: Final = 20
"""Errors of one chain or tree of groups."""
MOST_CHARACTERS: Final = 1000
"""Characters of one message."""

SHORTEST_WITHHELD: Final = 4
"""Characters of a message that is looked for in a line. A shorter one, such as a key that
was not found, is part of innocent words and numbers; nor does a record hide it."""

_OF_NAMES: Final = (AttributeError, ImportError, NameError, RecursionError, ZeroDivisionError)
"""Errors whose messages the interpreter makes of names in the code."""

_CAUSE: Final = "which caused:"
_CONTEXT: Final = "while this was handled:"
_OURS: Final = "crontask_"


def describe(error: BaseException) -> str:
    """Return the type of `error`, and its message if that cannot hold a secret."""
    name = _name(type(error))
    message = _message(error)
    return f"{name}: {message}" if message else name


def format_traceback(error: BaseException) -> str:
    """Return the frames and types of `error` and of what led to it, oldest first."""
    return "\n".join(_lines(error, set(), ""))


def withheld_texts(error: BaseException) -> list[str]:
    """Return the messages that a log line about `error` must not repeat, longest first.

    Those shorter than `SHORTEST_WITHHELD` are left out.
    """
    texts: set[str] = set()
    for each in _tree(error, set()):
        if not _is_shown(each):
            texts.update((str(each), repr(each), *map(str, each.args)))
    return sorted((text for text in texts if len(text) >= SHORTEST_WITHHELD), key=len, reverse=True)


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"[Errno {error.errno}] {os.strerror(error.errno)}"
    if isinstance(inner := getattr(error, "os_error", None), OSError):
        # aiohttp could not connect: the host is in the settings, the reason is the system's.
        return describe(inner)
    if not _is_shown(error):
        return WITHHELD if str(error) else ""
    text = hide_credentials(str(error))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."


def _is_shown(error: BaseException) -> bool:
    kind = type(error)
    if kind.__name__ == "ConfigException":
        # kubernetes says what is wrong with a kubeconfig, in words without its values; but
        # after "exec:" come the words of a program that prints tokens.
        return not str(error).startswith("exec:")
    # By identity: a subclass may be foreign, and its message hold anything.
    return kind.__module__.startswith(_OURS) or kind in _OF_NAMES


def _name(kind: type[BaseException]) -> str:
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _lines(error: BaseException, seen: set[int], indent: str) -> Iterator[str]:
    if id(error) in seen or len(seen) >= MOST_ERRORS:
        return
    seen.add(id(error))
    if error.__cause__ is not None:
        yield from _lines(error.__cause__, seen, indent)
        yield f"{indent}{_CAUSE}"
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _lines(error.__context__, seen, indent)
        yield f"{indent}{_CONTEXT}"
    yield f"{indent}Traceback (most recent call last):"
    yield from _frames(error.__traceback__, indent)
    yield indent + describe(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _lines(each, seen, f"{indent}  | ")


def _frames(trace: TracebackType | None, indent: str) -> Iterator[str]:
    for frame in traceback.extract_tb(trace, limit=-MOST_FRAMES):
        yield f'{indent}  File "{frame.filename}", line {frame.lineno}, in {frame.name}'


def _tree(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen or len(seen) >= MOST_ERRORS:
        return
    seen.add(id(error))
    yield error
    groups = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for each in (error.__cause__, error.__context__, *groups):
        if each is not None:
            yield from _tree(each, seen)

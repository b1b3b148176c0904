"""outcome maps ``resp_regexp`` and ``redo_param`` for `task`, `update` and `view`."""

from typing import Final

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.shown import shown
from crontask_core.errors import ExpectError
from crontask_core.expect import compile_expect
from crontask_core.spec import Expect, Retry

ANYTHING: Final = "*"
"""The document's way to say that any answer will do; as a regular expression it is none."""

MAX_RETRIES: Final = 20
MAX_DELAY_SECONDS: Final = 86_400
"""Bounds of ``spec.retry.delaysSeconds``."""


def parse_resp_regexp(text: str) -> str:
    """Return ``spec.expect.bodyRegex``, empty for any answer.

    Raises
    ------
    ItemError
        If RE2 cannot read the expression.
    """
    if text in ("", ANYTHING):
        return ""
    try:
        compile_expect(Expect(body_regex=text), keep=False)
    except ExpectError as error:
        raise ItemError(Code.BAD_ITEM, f"resp_regexp: {error.message}") from error
    return text


def parse_redo_param(text: str) -> list[int]:
    """Return ``spec.retry.delaysSeconds``.

    Raises
    ------
    ItemError
        If a part is not a whole number of seconds within the bounds, or if there are
        too many of them.
    """
    parts = text.split()
    if len(parts) > MAX_RETRIES:
        raise _wrong(f"expected at most {MAX_RETRIES} delays, found {len(parts)}")
    for part in parts:
        # isdecimal() alone would also take the digits of other scripts.
        if not (part.isascii() and part.isdecimal() and int(part[:9]) <= MAX_DELAY_SECONDS):
            raise _wrong(
                f"expected whole seconds from 0 to {MAX_DELAY_SECONDS} separated by spaces, "
                f"found {shown(part)}"
            )
    return [int(part) for part in parts]


def format_redo_param(retry: Retry) -> str:
    """Return the delays of `retry`; empty also for a backoff, which the document cannot say."""
    return " ".join(str(delay) for delay in retry.delays_seconds)


def _wrong(message: str) -> ItemError:
    return ItemError(Code.BAD_ITEM, f"redo_param: {message}")

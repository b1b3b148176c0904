"""shown and cut repeat a client's values in messages: bounded, and without credentials.

Every answer and every line of the log that repeats what a client sent gets it from here.
"""

from typing import Final

import msgspec

from crontask_logs import hide_credentials

MAX_SHOWN: Final = 80
"""Characters of a wrong value that a message repeats."""


def shown(value: object) -> str:
    """Return `value` as JSON, cut, and without what is nested."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        value = _beginning(value)
    return _bounded(msgspec.json.encode(value, enc_hook=str).decode())


def cut(text: str) -> str:
    """Return `text` as it is, or its beginning."""
    return _bounded(_beginning(text))


def _beginning(text: str) -> str:
    # What follows is not looked at: a text may be as long as a whole request.
    part = text[: 4 * MAX_SHOWN]
    return part.encode("utf-8", "replace").decode()


def _bounded(text: str) -> str:
    text = hide_credentials(text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."

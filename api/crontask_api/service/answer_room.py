"""AnswerRoom bounds the bytes of one answer, for the endpoints that read tasks and records."""

from typing import Any, Final

import msgspec

MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of JSON of what is found. A few names in a request could otherwise ask for
hundreds of megabytes of bodies."""

_encode = msgspec.json.Encoder().encode


class AnswerRoom:
    """What room an answer has left."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def take(self, part: dict[str, Any]) -> bool:
        """Take the room that `part` needs; return False, and take none, if it is not there."""
        size = len(_encode(part))
        if size > self._left:
            return False
        self._left -= size
        return True

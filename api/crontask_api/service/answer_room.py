"""AnswerRoom bounds the bytes of one answer, for the endpoints that read tasks and records."""

from collections.abc import Callable
from typing import Final

import msgspec

MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of JSON of what is found. A few names in a request could otherwise ask for
hundreds of megabytes of bodies."""

_encode = msgspec.json.Encoder().encode


class AnswerRoom:
    """What room an answer has left.

    Parameters
    ----------
    hold
        Takes as many bytes of the room that all answers share, or raises.
    """

    def __init__(self, hold: Callable[[int], None]) -> None:
        self._hold = hold
        self._left = MOST_BYTES

    def take(self, part: object) -> bool:
        """Take the room that `part` needs; return False, and take none, if it is not there.

        Raises
        ------
        RequestError
            If all answers together, or those of this client, have no room left.
        """
        size = len(_encode(part))
        if size > self._left:
            return False
        self._hold(size)
        self._left -= size
        return True

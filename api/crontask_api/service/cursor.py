"""cursor writes the place where a page ended as text for clients, and reads it again."""

import base64
import binascii
from datetime import UTC
from typing import Final

import msgspec

from crontask_api.errors import RequestError
from crontask_history.filters import Position

MAX_ATTEMPT: Final = 2**31 - 1


def encode_cursor(position: Position) -> str:
    """Return `position` as text that is safe in a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def decode_cursor(text: str) -> Position:
    """Return the position that `encode_cursor` made `text` of.

    Raises
    ------
    RequestError
        If it did not.
    """
    try:
        position = msgspec.json.decode(base64.urlsafe_b64decode(text), type=Position)
        if position.begin_time.tzinfo is None or not 0 <= position.attempt <= MAX_ATTEMPT:
            raise ValueError
        return position._replace(begin_time=position.begin_time.astimezone(UTC))
    except (msgspec.MsgspecError, binascii.Error, ValueError, OverflowError):
        raise RequestError("cursor: expected next_cursor of an earlier answer") from None

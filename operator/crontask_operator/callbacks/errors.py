"""errors names the ways in which a call can fail before its answer is judged, for records.

::

    CallError                     ends the attempt; carries the reason and a sentence
    └── UnansweredError           the API server did not tell what has to be known for it
    httpx.*                       raised by transports, mapped here and nowhere else

The transport maps its engine's errors to httpx's, as every httpx transport does; this
module maps httpx's to `Reason`. Both maps are complete, which a test checks.
"""

import os
import ssl
from collections.abc import Mapping
from typing import Final

import httpx

from crontask_core.enums import Reason


class CallError(Exception):
    """The attempt ends here, with `reason` and a sentence for the record.

    The sentence may name hosts, addresses, fields and Secrets, never a Secret's value.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class UnansweredError(CallError):
    """What has to be known for the call cannot be asked for now."""


HTTPX_REASONS: Final[Mapping[type[Exception], Reason]] = {
    httpx.TimeoutException: Reason.TIMEOUT,
    httpx.NetworkError: Reason.CONNECTION_ERROR,
    httpx.ProxyError: Reason.CONNECTION_ERROR,
    httpx.RemoteProtocolError: Reason.CONNECTION_ERROR,
    httpx.DecodingError: Reason.CONNECTION_ERROR,
    httpx.LocalProtocolError: Reason.INVALID_REQUEST,
    httpx.UnsupportedProtocol: Reason.INVALID_REQUEST,
    httpx.InvalidURL: Reason.INVALID_REQUEST,
    httpx.TooManyRedirects: Reason.UNEXPECTED_STATUS,
}
"""Reason by exception; a subclass that is not named has the reason of its base."""

HTTPX_ERRORS: Final = tuple(HTTPX_REASONS)
"""What a transport may raise, for one ``except`` clause."""


def to_call_error(error: Exception) -> CallError:
    """Return the fault that the httpx exception `error` stands for."""
    for kind in type(error).__mro__:
        reason = HTTPX_REASONS.get(kind)
        if reason is not None:
            return CallError(reason, str(error) or type(error).__name__)
    raise TypeError(f"{type(error).__name__} is no fault of a transport") from error


def describe(error: Exception) -> str:
    """Return what the system says of `error`; event loops word it differently."""
    if isinstance(error, ssl.SSLError):
        # Its number is no errno of the system.
        return f"TLS failed: {error.reason or error}"
    number = getattr(error, "errno", None)
    told = os.strerror(number) if number is not None and number > 0 else str(error)
    return told or type(error).__name__

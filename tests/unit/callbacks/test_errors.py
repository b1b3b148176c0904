"""The map from foreign errors to reasons leaves none out."""

import ssl

import httpx
import pytest

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import HTTPX_ERRORS, to_call_error
from crontask_operator.callbacks.http.connection_pool import TlsError

USED_BY_OTHERS = {
    # Raised by AsyncClient and by the methods of Response, which the callback does not use.
    httpx.HTTPError,
    httpx.HTTPStatusError,
    httpx.RequestError,
    httpx.CookieConflict,
    httpx.StreamError,
    httpx.StreamConsumed,
    httpx.StreamClosed,
    httpx.ResponseNotRead,
    httpx.RequestNotRead,
    # Bases which no transport raises as such.
    httpx.TransportError,
    httpx.ProtocolError,
}


def httpx_exceptions() -> list[type[Exception]]:
    exported = (getattr(httpx, name) for name in httpx.__all__)
    return sorted(
        (item for item in exported if isinstance(item, type) and issubclass(item, Exception)),
        key=lambda kind: kind.__name__,
    )


@pytest.mark.parametrize(
    "kind",
    [*(kind for kind in httpx_exceptions() if kind not in USED_BY_OTHERS), TlsError],
    ids=lambda kind: kind.__name__,
)
def test_every_exception_of_a_transport_has_a_reason(kind: type[Exception]) -> None:
    error = kind("what happened")
    assert isinstance(error, HTTPX_ERRORS)
    mapped = to_call_error(error)
    assert mapped.reason in Reason
    assert mapped.message == "what happened"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (httpx.ConnectTimeout, Reason.TIMEOUT),
        (httpx.PoolTimeout, Reason.TIMEOUT),
        (httpx.ConnectError, Reason.CONNECTION_ERROR),
        (httpx.RemoteProtocolError, Reason.CONNECTION_ERROR),
        (httpx.DecodingError, Reason.CONNECTION_ERROR),
        (httpx.ProxyError, Reason.CONNECTION_ERROR),
        (TlsError, Reason.CONNECTION_ERROR),
        (httpx.LocalProtocolError, Reason.INVALID_REQUEST),
        (httpx.UnsupportedProtocol, Reason.INVALID_REQUEST),
        (httpx.InvalidURL, Reason.INVALID_REQUEST),
    ],
)
def test_the_reason_is_that_of_its_kind(kind: type[Exception], reason: Reason) -> None:
    assert to_call_error(kind("x")).reason is reason


def test_an_exception_without_a_message_is_told_by_its_name() -> None:
    assert to_call_error(httpx.ReadError("")).message == "ReadError"


def test_what_no_transport_raises_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError):
        to_call_error(ssl.SSLError())

"""status names the end of a gRPC call for its record: the server's word, or what failed."""

from typing import Final

import grpc
import grpc.aio

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.grpc.foreign import shown
from crontask_operator.callbacks.secrets.redaction import Redactor

BROKEN: Final = (
    "failed to connect to all addresses",
    "connections to all backends failing",
    "empty address list",
    "dns resolution failed",
    "name resolution",
    "stream removed",
    "socket closed",
    "endpoint",
    "transport",
    "recvmsg",
    "sendmsg",
    "connection reset",
    "broken pipe",
    "goaway",
    "keepalive",
    "ping timeout",
    "channel",
)
"""How grpcio's own sentences of a lost connection begin. It does not tell otherwise
whether a status came from the server."""

TOO_LONG: Final = "Received message larger than max"
"""What grpcio says of a message that is longer than its channel takes."""


def failed(error: grpc.aio.AioRpcError, redactor: Redactor, *, connected: bool) -> CallResult:
    """Return the result of a call that ended with a status other than OK.

    UNAVAILABLE is a connection that failed if grpcio says so, or if the channel is not
    `connected`; otherwise it is the server's, as all else is. That includes
    DEADLINE_EXCEEDED, since a call is ended before the deadline that is sent with it.
    """
    status = error.code()
    details = error.details() or ""
    message = f"{status.name}: {details}" if details else status.name
    reason = Reason.GRPC_ERROR
    if status is grpc.StatusCode.UNAVAILABLE and (
        not connected or details.lower().startswith(BROKEN)
    ):
        reason = Reason.CONNECTION_ERROR
    return _result(reason, status, shown(message, redactor))


def is_too_long(error: grpc.aio.AioRpcError) -> bool:
    """Return whether a call ended because its reply is longer than its channel takes."""
    return error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and TOO_LONG in (
        error.details() or ""
    )


def unusable_reply(problem: str, status: grpc.StatusCode, redactor: Redactor) -> CallResult:
    """Return the result of a call whose reply cannot be used.

    `status` is what gRPC's own libraries give such a call.
    """
    message = f"{status.name}: the reply cannot be used: {problem}"
    return _result(Reason.GRPC_ERROR, status, shown(message, redactor))


def _result(reason: Reason, status: grpc.StatusCode, message: str) -> CallResult:
    number: int = status.value[0]
    return CallResult(reason, code=number, error=message)

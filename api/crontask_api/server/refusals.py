"""refusal writes the answer to what never became a request, for `BoundedProtocol`."""

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from crontask_api.codes import State


def refusal(status: int, message: str) -> bytes:
    """Return a whole answer, in the envelope, after which the connection is closed."""
    state = State.SYSTEM_ERROR if status >= 500 else State.BAD_REQUEST
    body = msgspec.json.encode({"state": state, "msg": message, "data": {}})
    head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
    return STATUS_LINE[status] + head.encode() + b"\r\n" + body

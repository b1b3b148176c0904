"""Sending passes an answer on as fast as its client takes it, for `create_app`.

A server writes what it is given into the connection's buffer, and the request is over
while megabytes of its answer still wait there. So the answer goes in pieces, each after
the client has taken the one before, and until the last one the request is in progress.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PIECE_BYTES: Final = 64 * 1024
"""Bytes given to the server at a time. Its own bound on time is for each piece."""

AT_ONCE_BYTES: Final = 16 * 1024
"""Answers up to this size are given to the server whole: it waits before the next."""


class Sending:
    """ASGI middleware; what is inside it returns once a client has taken its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if len(body) <= AT_ONCE_BYTES:
                await send(message)
                return
            for begin in range(0, len(body), PIECE_BYTES):
                piece = body[begin : begin + PIECE_BYTES]
                await send({"type": message["type"], "body": piece, "more_body": True})
            # The server waits before it takes this, until the last piece has been sent.
            more = message.get("more_body", False)
            await send({"type": message["type"], "body": b"", "more_body": more})

        await self._app(scope, receive, send_in_pieces)

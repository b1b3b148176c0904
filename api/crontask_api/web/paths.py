"""Paths lets a path be written in one way alone, for `create_app`.

No path of this service needs an escape. Decoded, ``/crontab%2fadd_task`` would be served,
and a proxy in front that decides by paths would not have seen which one it is.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class Paths:
    """ASGI middleware for which a path with an escape is another path than without."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path as it was sent."""
        if scope["type"] == "http" and b"%" in scope["raw_path"]:
            scope["path"] = scope["raw_path"].decode("latin-1")
        await self._app(scope, receive, send)

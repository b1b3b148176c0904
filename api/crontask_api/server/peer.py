"""Peer notes the other end of a connection before a header may say otherwise, for `main`."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crontask_api.web.evidence import PEER


class Peer:
    """ASGI middleware, around what believes ``X-Forwarded-For`` of `trusted` networks."""

    def __init__(self, app: ASGIApp, trusted: Sequence[IPv4Network | IPv6Network]) -> None:
        networks = [str(network) for network in trusted]
        # uvicorn's types are its own, and the same.
        self._app: ASGIApp = ProxyHeadersMiddleware(app, networks) if networks else app  # type: ignore[arg-type,assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        client = scope.get("client")
        scope[PEER] = client[0] if client else ""
        await self._app(scope, receive, send)

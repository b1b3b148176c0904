"""A reverse proxy at which people log in, equal to oauth2-proxy in what it says of them.

Run as a process, ``python -m tests.support.login_proxy PORT UPSTREAM``. It takes names and
passwords by HTTP Basic, as oauth2-proxy does with a file of passwords, leaves out what a client
says of itself, and says who it is by ``X-Forwarded-User``, ``-Email`` and ``-Groups``. It comes to
its upstream from `ADDRESS`, as from another pod.
"""

import sys
from typing import Final

from aiohttp import BasicAuth, ClientSession, TCPConnector, web

ADDRESS: Final = "127.0.0.2"

PEOPLE: Final = {
    "alice": ("alice-secret", "alice@shop.example", "shop-ops,staff"),
    "böb": ("bob-secret", "bob@shop.example", ""),
    "mallory": ("mallory-secret", "mallory@shop.example", "staff,system:masters"),
}

SAID: Final = frozenset({"x-forwarded-user", "x-forwarded-email", "x-forwarded-groups"})
OWN: Final = frozenset({"connection", "authorization", "content-length", "transfer-encoding"})


class LoginProxy:
    """Passes on requests of people who are logged in."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._session: ClientSession

    async def start(self, _: web.Application) -> None:
        """Get ready."""
        connector = TCPConnector(local_addr=(ADDRESS, 0))
        self._session = ClientSession(connector=connector, auto_decompress=False)

    async def stop(self, _: web.Application) -> None:
        """Close what is open."""
        await self._session.close()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path == "/oauth2/sign_out":
            return web.Response(text="signed out")
        user = _logged_in(request.headers.get("Authorization", ""))
        if user is None:
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})
        _, email, groups = PEOPLE[user]
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in SAID | OWN]
        headers += [("X-Forwarded-User", user), ("X-Forwarded-Email", email)]
        headers += [("X-Forwarded-Groups", groups), ("X-Forwarded-For", str(request.remote))]
        url = f"{self._upstream}{request.raw_path}"
        body = await request.read()
        async with self._session.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            left_out = {"connection", "transfer-encoding", "content-length"}
            kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in left_out]
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.extend(kept)
            return response


def _logged_in(authorization: str) -> str | None:
    try:
        given = BasicAuth.decode(authorization, encoding="utf-8")
    except ValueError:
        return None
    known = PEOPLE.get(given.login)
    return given.login if known is not None and known[0] == given.password else None


def main(port: int, upstream: str) -> None:
    """Serve until told to stop."""
    proxy = LoginProxy(upstream)
    app = web.Application()
    app.on_startup.append(proxy.start)
    app.on_cleanup.append(proxy.stop)
    app.router.add_route("*", "/{path:.*}", proxy.serve)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])

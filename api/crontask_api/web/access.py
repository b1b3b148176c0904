"""Access gives every request an id, security headers, a log line and metrics, for `create_app`.

The log line holds no header, no query string and no body, so no secret either.
"""

import re
import secrets
import time
from collections import Counter
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crontask_api.codes import State
from crontask_api.metrics import Metrics
from crontask_api.shown import cut
from crontask_api.web.envelope import OUTCOME, Envelope, Outcome

REQUEST_ID: Final = "X-Request-ID"
USER: Final = "crontask_api.user"
"""Key under which the ASGI scope holds the name of the client."""

SECURITY_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Set where a route has not set its own."""

CLIENT_GONE: Final = 499
"""Status in the log of a request whose client hung up; nginx's number."""

MAX_LOGGED: Final = 1000
"""Characters of an answer's ``msg`` that its log line repeats."""

QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths whose successes are logged at debug level: probes ask every few seconds."""

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_log: Final = structlog.get_logger(__name__)


class Access:
    """ASGI middleware, the outermost one; it also answers what nobody else could."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        begin = time.perf_counter()
        status = CLIENT_GONE

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            with self._metrics.in_progress.track_inprogress():
                try:
                    await self._app(scope, receive, send_with_headers)
                except ClientDisconnect:
                    pass
                except Exception as error:
                    _log.error("fault", path=cut(scope["path"]), exc_info=error)
                    if status == CLIENT_GONE:
                        await _fault()(scope, receive, send_with_headers)
            self._report(scope, status, time.perf_counter() - begin)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        outcome: Outcome = scope.get(OUTCOME, Outcome(State.OK, ""))
        # Only templates of known routes: paths of clients would make labels without end.
        endpoint = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(endpoint, status, int(outcome.state)).inc()
        self._metrics.request_seconds.labels(endpoint).observe(seconds)
        codes = Counter(outcome.codes)
        for code, count in codes.items():
            self._metrics.items.labels(endpoint, int(code)).inc(count)
        log = _log.debug if scope["path"] in QUIET and status < 400 else _log.info
        log("request", **_fields(scope, outcome, codes), status=status, seconds=round(seconds, 4))


def _fields(scope: Scope, outcome: Outcome, codes: Counter[Any]) -> dict[str, Any]:
    client = scope.get("client")
    fields: dict[str, Any] = {
        "method": scope["method"],
        "path": cut(scope["path"]),
        "client": client[0] if client else "",
        "user": scope.get(USER, ""),
        "state": int(outcome.state),
    }
    if outcome.state is not State.OK:
        fields["msg"] = outcome.msg[:MAX_LOGGED]
    if codes:
        fields["items"] = {int(code): count for code, count in sorted(codes.items())}
    return fields


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID, "")
    # The id goes into the log and into a header: it may hold nothing else.
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)


def _fault() -> Envelope:
    return Envelope(
        State.SYSTEM_ERROR, "a fault of the service itself; its log tells more", status=500
    )

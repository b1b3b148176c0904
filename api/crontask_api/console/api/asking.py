"""ask sends a request of a visitor's to the API of this facade, with their own rights.

It goes the way of every other request, through all that bounds, admits and logs them, and has
the token of the visitor's session: a browser alone could not send it, for pages of the console
do not know the token. The form that asks for it has been checked as every form is.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from starlette.types import Message

from crontask_api.console.frame.visit import Visit
from crontask_api.settings import AuthMode
from crontask_api.web.evidence import PEER

MOST_SHOWN_BYTES: Final = 256 * 1024
"""Bytes of an answer that are kept to be shown; all of it comes to programs alone."""


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    body: bytearray = field(default_factory=bytearray)
    size: int = 0
    """Bytes of the whole body."""
    seconds: float = 0.0

    @property
    def is_cut(self) -> bool:
        """Whether there was more than is kept."""
        return self.size > len(self.body)

    @property
    def text(self) -> str:
        """The body to be read by people: JSON a field a line, if it is all there."""
        text = self.body.decode("utf-8", "replace")
        if self.is_cut:
            return text
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return text


async def ask(visit: Visit, path: str, headers: dict[str, str], body: str) -> Answer:
    """Return the answer to a POST of `body` to `path`."""
    answer = Answer()
    waiting = [{"type": "http.request", "body": body.encode("utf-8", "replace")}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            return
        piece = message.get("body", b"")
        answer.size += len(piece)
        answer.body += piece[: MOST_SHOWN_BYTES - len(answer.body)]

    begin = time.perf_counter()
    await visit.request.app(_scope(visit, path, headers), receive, send)
    answer.seconds = time.perf_counter() - begin
    return answer


def _scope(visit: Visit, path: str, headers: dict[str, str]) -> dict[str, object]:
    request: Request = visit.request
    own = {"host": request.headers.get("host", ""), "content-type": "application/json"}
    if visit.session.token:
        own["authorization"] = f"Bearer {visit.session.token}"
    # What a proxy said of the visitor holds for this request too, and nothing else does.
    own |= {name: request.headers[name] for name in _said_by_proxy(visit) & {*request.headers}}
    sent = {name.lower(): value for name, value in headers.items()} | own
    return {
        "type": "http",
        "asgi": request.scope["asgi"],
        "http_version": "1.1",
        "method": "POST",
        "scheme": request.scope["scheme"],
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()
        ],
        "client": request.scope.get("client"),
        "server": request.scope.get("server"),
        PEER: request.scope.get(PEER, ""),
    }


def _said_by_proxy(visit: Visit) -> set[str]:
    settings = visit.console.settings
    if settings.auth is not AuthMode.PROXY:
        return set()
    names = (settings.proxy_user_header, settings.proxy_groups_header, settings.proxy_email_header)
    return {name.lower() for name in names if name}

"""What the target answers to which path."""

import http
import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from dev.echo.received import LIMIT, Received

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to send after `delay` seconds; a `status` of 0 closes the connection."""

    status: int
    body: bytes = b""
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


_OK = Answer(200, b"ok")
_FAIL = Answer(500, b"failed, as asked")


class Behaviour:
    """The rules, with the little memory they need. One for all connections."""

    def __init__(self) -> None:
        self.received: deque[Received] = deque(maxlen=LIMIT)
        self._failures: Counter[str] = Counter()

    def answer(self, request: Received) -> Answer:
        """Remember `request` and return the answer that its target asks for."""
        parts = urlsplit(request.target)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/_received":
            return self._history(request.method)
        self.received.append(request)
        try:
            return self._scripted(parts.path, query, request)
        except ValueError as error:
            return Answer(400, f"{request.target}: {error}".encode())

    def _scripted(self, path: str, query: Mapping[str, str], request: Received) -> Answer:
        match path.split("/")[1:]:
            case ["echo"]:
                content_type = request.headers.get("content-type", TEXT)
                return Answer(200, request.body, content_type=content_type)
            case ["fail"]:
                return _FAIL
            case ["fail-then-ok"]:
                return self._fail_then_ok(query)
            case ["fail-attempts"]:
                attempt = int(request.headers.get("x-crontask-attempt", "1"))
                return _FAIL if attempt <= int(query.get("most", "1")) else _OK
            case ["slow"]:
                return Answer(200, b"ok", delay=float(query.get("seconds", "1")))
            case ["status", code]:
                return Answer(int(code), http.HTTPStatus(int(code)).phrase.encode(), headers=query)
            case ["big"]:
                return Answer(200, b"x" * int(query.get("bytes", "1048576")))
            case ["drop"]:
                return Answer(0)
            case _:
                return _OK

    def _fail_then_ok(self, query: Mapping[str, str]) -> Answer:
        key = query.get("key", "")
        if self._failures[key] >= int(query.get("times", "1")):
            return _OK
        self._failures[key] += 1
        return _FAIL

    def _history(self, method: str) -> Answer:
        if method == "DELETE":
            self.received.clear()
            self._failures.clear()
            return Answer(204)
        body = json.dumps([request.as_json() for request in self.received])
        return Answer(200, body.encode(), content_type="application/json")

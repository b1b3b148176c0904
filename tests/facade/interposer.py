"""A man in the middle: passes requests on to the real API server, save where told otherwise."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx


@dataclass
class Fault:
    """What happens to the next `times` requests of `method` whose body or path holds `text`."""

    method: str
    text: str = ""
    times: int = 1
    before: Callable[[], object] | None = None
    """Done first."""
    hang: bool = False
    """Never answer."""
    cut: bool = False
    """Pass on, but close the connection instead of passing the answer back."""
    answer: tuple[int, bytes] | None = None
    """Answer this instead of passing on."""
    headers: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Whether this request meets the fault."""
        wanted = self.text.encode()
        return method == self.method and (wanted in body or wanted in path.encode())


class Interposer:
    """Listens from ``with`` to the end of its block; `faults` may change meanwhile."""

    def __init__(self, target: httpx.Client, port: int = 0) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._fault: Fault | None = None
        self.seen: list[tuple[str, str]] = []
        """Method and target of every request."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expect(self, fault: Fault) -> Fault:
        """Let `fault` happen, in place of the one before."""
        with self._lock:
            self._fault = fault
        return fault

    def clear(self) -> None:
        """Pass everything on again."""
        with self._lock:
            self._fault = None

    def take(self, method: str, path: str, body: bytes) -> Fault | None:
        """Return the fault that this request meets, if any."""
        with self._lock:
            self.seen.append((method, path))
            fault = self._fault
            if fault is None or fault.seen >= fault.times:
                return None
            if not fault.matches(method, path, body):
                return None
            fault.seen += 1
            return fault

    def pass_on(self, method: str, path: str, body: bytes, content_type: str) -> httpx.Response:
        """Return what the real API server answers."""
        headers = {"Content-Type": content_type} if content_type else {}
        return self._target.request(method, path, content=body, headers=headers)

    def wait_for_the_end(self) -> None:
        """Return when the interposer ends."""
        self._ended.wait()

    def write_kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig that leads here; the interposer is who authenticates."""
        named = {"name": "x"}
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "x",
                    "contexts": [{**named, "context": {"cluster": "x", "user": "x"}}],
                    "clusters": [{**named, "cluster": {"server": self.url}}],
                    "users": [{**named, "user": {}}],
                }
            )
        )
        return path


def _handler(interposer: Interposer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = interposer.take(self.command, self.path, body)
            if fault is not None:
                if fault.before is not None:
                    fault.before()
                if fault.hang:
                    interposer.wait_for_the_end()
                    self.close_connection = True
                    return
                if fault.answer is not None:
                    self._answer(*fault.answer, fault.headers)
                    return
            kind = self.headers.get("Content-Type", "")
            response = interposer.pass_on(self.command, self.path, body, kind)
            if fault is not None and fault.cut:
                self.close_connection = True
                return
            self._answer(response.status_code, response.content, {})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep stderr to the tests."""

    return Handler

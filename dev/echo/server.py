"""Run the target: in a thread beside a test, or as a program of its own."""

import asyncio
import socket
import threading
from types import TracebackType

import uvloop

from dev.echo.behaviour import Behaviour
from dev.echo.protocol import EchoProtocol
from dev.echo.received import Received
from dev.ports import LOOPBACK

BACKLOG = 4096
"""Connections that may wait to be accepted, for a burst of thousands of callers."""


def listen(port: int) -> socket.socket:
    """Return a listening socket on loopback; 0 lets the kernel choose the port."""
    return socket.create_server((LOOPBACK, port), backlog=BACKLOG)


async def serve(listening: socket.socket, behaviour: Behaviour, until: asyncio.Event) -> None:
    """Answer on `listening` until the event is set, then close every connection."""
    loop = asyncio.get_running_loop()
    open_connections: set[EchoProtocol] = set()
    server = await loop.create_server(
        lambda: EchoProtocol(behaviour, open_connections), sock=listening, backlog=BACKLOG
    )
    await until.wait()
    # Waiting for the server to close would wait for callers that keep theirs alive.
    server.close()
    for connection in tuple(open_connections):
        connection.close()


class EchoServer:
    """The target in a thread with an event loop of its own, so that a busy test does not
    delay its answers or its arrival times. Serves from ``with`` to the end of its block.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket = listen(port)
        self._behaviour = Behaviour()
        self._loop = uvloop.new_event_loop()
        self._done = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="echo")
        self.port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def received(self) -> list[Received]:
        """What arrived so far, in the order of its completion."""
        return list(self._behaviour.received)

    def received_on(self, path: str) -> list[Received]:
        """Return what arrived for one `path`, whatever its query."""
        return [request for request in self.received if request.path == path]

    def __enter__(self) -> "EchoServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve(self._socket, self._behaviour, self._done))

"""PlainProxy stands between an operator and the API server, and sees which request is which.

The operator speaks plain HTTP to it, and it is the administrator for the API server. Any
connection can be made silent, as by a firewall that has forgotten it, and answers to some
requests slow.
"""

import asyncio
import json
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PIECE_BYTES = 64 * 1024
METHODS = (b"GET ", b"POST ", b"PATCH ", b"DELETE ", b"PUT ")


@dataclass(eq=False)
class _Connection:
    serving: "asyncio.Task[None] | None"
    """What carries its bytes. The event loop itself does not keep a task that waits on one
    that has become silent."""
    request: bytes = b""
    """The first line of the latest request."""
    is_silent: bool = False
    is_answered: bool = False
    """Whether the answer to the latest request has begun."""


class PlainProxy:
    """Listens on loopback from ``with`` to the end of its block."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._target = port
        self._tls = tls
        self._connections: set[_Connection] = set()
        self._slow_text, self._slow_seconds = b"", 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._server: asyncio.Server

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def silence(self, text: bytes) -> int:
        """Carry nothing more over connections whose latest request holds `text`; return how many.

        Connections that are made later work.
        """
        silenced = [one for one in list(self._connections) if text in one.request]
        for one in silenced:
            one.is_silent = True
        return len(silenced)

    def delay(self, text: bytes, seconds: float) -> None:
        """Hold back for `seconds` each answer to a request whose first line holds `text`."""
        self._slow_text, self._slow_seconds = text, seconds

    def write_kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig that leads here."""
        named = {"name": "x"}
        port = self._server.sockets[0].getsockname()[1]
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "x",
            "contexts": [{**named, "context": {"cluster": "x", "user": "x"}}],
            "clusters": [{**named, "cluster": {"server": f"http://127.0.0.1:{port}"}}],
            "users": [{**named, "user": {}}],
        }
        path.write_text(json.dumps(config))
        return path

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(asyncio.current_task())
        self._connections.add(connection)
        writers = [writer]
        try:
            answers, asking = await asyncio.open_connection(
                "127.0.0.1", self._target, ssl=self._tls
            )
            writers.append(asking)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(connection, reader, asking, asks=True))
                group.create_task(self._carry(connection, answers, writer, asks=False))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(connection)
            for one in writers:
                one.transport.abort()
                with suppress(OSError, asyncio.CancelledError):
                    await one.wait_closed()

    async def _carry(
        self,
        connection: _Connection,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        asks: bool,
    ) -> None:
        with suppress(OSError, ssl.SSLError):
            while piece := await source.read(PIECE_BYTES):
                if asks and piece.startswith(METHODS):
                    connection.request = piece.partition(b"\r\n")[0]
                    connection.is_answered = False
                elif not asks and not connection.is_answered:
                    connection.is_answered = True
                    if self._slow_text and self._slow_text in connection.request:
                        await asyncio.sleep(self._slow_seconds)
                if not connection.is_silent:
                    sink.write(piece)
                    await sink.drain()
        if not connection.is_silent:
            sink.close()

    async def _end(self) -> None:
        self._server.close()
        # One that was accepted a moment ago has its task only now.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

"""Targets for callbacks: real servers on loopback, scripted down to the byte.

A script is a coroutine that gets an `Exchange` for each request. What it sends is what
goes over the wire, so a test can be as broken a server as it likes.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import trustme


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of the header `name`; fail if it came more than once."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None


@dataclass
class Exchange:
    """One request, and the means to answer it."""

    request: Request
    connection: int
    """Number of the connection that it came on, from 1."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        """Send bytes as they are; raise `ConnectionError` once the client has closed."""
        if self.writer.is_closing():
            raise ConnectionResetError
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def answer(
        self, status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        """Send a well-formed answer."""
        await self.send(response(status, body, headers))

    async def gone(self) -> None:
        """Wait until the client closes the connection."""
        try:
            while await self.reader.read(1024):
                pass
        except ConnectionError:
            return

    def close(self) -> None:
        """Close the connection after what was sent."""
        self.writer.close()

    def reset(self) -> None:
        """Break the connection."""
        self.writer.transport.abort()


Script = Callable[[Exchange], Awaitable[None]]


def response(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Return a well-formed answer."""
    fields = {"Content-Length": str(len(body)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def ok(exchange: Exchange) -> None:
    """Answer 200 without a body."""
    await exchange.answer()


@dataclass
class Target:
    """A running server. `url` ends without a slash."""

    url: str
    port: int
    requests: list[Request] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def target(
    script: Script = ok, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Target]:
    """Run a server that answers each request by `script`."""
    writers: set[asyncio.StreamWriter] = set()
    handlers: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        writers.add(writer)
        running.connections += 1
        number = running.connections
        try:
            while (request := await _read_request(reader)) is not None:
                running.requests.append(request)
                await script(Exchange(request, number, reader, writer))
        except ConnectionError:
            # The client, or the script itself, broke the connection.
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    running = Target(f"{'http' if tls is None else 'https'}://{host}:{port}", port)
    try:
        yield running
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*handlers)
        await server.wait_closed()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("utf-8").split("\r\n")[:-2]
    method, url, _ = first.split(" ")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Request(method, url, headers, await reader.readexactly(length))


@dataclass(frozen=True)
class Certificates:
    """A certificate authority of a test's own."""

    ca_pem: str
    authority: trustme.CA

    def server(self, *names: str) -> ssl.SSLContext:
        """Return the TLS context of a server with a certificate for `names`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*names).configure_cert(context)
        return context


def certificates() -> Certificates:
    """Make a new authority."""
    authority = trustme.CA()
    return Certificates(authority.cert_pem.bytes().decode(), authority)

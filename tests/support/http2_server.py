"""http2_server speaks HTTP/2 by the frame, for tests of servers that end or never end calls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 4, 6, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR = 0


@dataclass
class Stream:
    """A request that has arrived, and the connection that it came on."""

    number: int
    connection: int
    """Number of the connection, from 1."""
    writer: asyncio.StreamWriter

    def send(self, kind: int, flags: int, payload: bytes, *, stream: int | None = None) -> None:
        """Send a frame, on this stream if nothing else is said."""
        self.writer.write(frame(kind, flags, self.number if stream is None else stream, payload))

    def reply(self, message: bytes = b"") -> None:
        """Answer with a message and the status OK."""
        self.send(HEADERS, END_HEADERS, HEAD)
        self.send(DATA, 0, b"\x00" + len(message).to_bytes(4, "big") + message)
        self.send(HEADERS, END_HEADERS | END_STREAM, field_line("grpc-status", "0"))

    def go_away(self, last: int, code: int = NO_ERROR) -> None:
        """Say that the connection ends, and that streams after `last` were not looked at."""
        payload = last.to_bytes(4, "big") + code.to_bytes(4, "big")
        self.send(GOAWAY, 0, payload, stream=0)


@dataclass
class Http2Server:
    """A running server. `streams` are the requests that arrived."""

    address: str = ""
    streams: list[Stream] = field(default_factory=list)
    connections: int = 0


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame as RFC 9113 lays it out."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + payload


def field_line(name: str, value: str) -> bytes:
    """Return a header as HPACK writes it without any compression, of at most 126 bytes."""
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


HEAD: Final = field_line(":status", "200") + field_line("content-type", "application/grpc")


@asynccontextmanager
async def http2_server(script: Callable[[Stream], Awaitable[None]]) -> AsyncIterator[Http2Server]:
    """Run a server that does `script` for each request once it is complete."""
    running = Http2Server()
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.connections += 1
        connection = running.connections
        try:
            await reader.readexactly(len(PREFACE))
            writer.write(frame(SETTINGS, 0, 0, b""))
            while True:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
                kind, flags = head[3], head[4]
                if kind == SETTINGS and not flags & ACK:
                    writer.write(frame(SETTINGS, ACK, 0, b""))
                elif kind == PING and not flags & ACK:
                    writer.write(frame(PING, ACK, 0, payload))
                elif kind in (HEADERS, DATA) and flags & END_STREAM:
                    stream = Stream(int.from_bytes(head[5:], "big"), connection, writer)
                    running.streams.append(stream)
                    await script(stream)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    running.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield running
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

"""stalling_server sends all but the end of each gRPC reply, for tests of what is held of them.

It keeps to the flow control of HTTP/2, so that a client gets as much as it takes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from tests.support.http2_server import (
    ACK,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEAD,
    HEADERS,
    PING,
    PREFACE,
    SETTINGS,
    frame,
)

RST_STREAM: Final = 3
WINDOW_UPDATE: Final = 8
INITIAL_WINDOW: Final = 4
WINDOW: Final = 65_535
LARGEST_FRAME: Final = 16_384

Size = Callable[[int], int]
"""Returns how long a reply is said to be, by the number of the call, from 1."""


@dataclass
class StallingServer:
    """A running server. `calls` are those that arrived, `unsent` bytes of replies to be sent."""

    size: Size
    address: str = ""
    calls: int = 0
    unsent: int = 0


@dataclass
class _Connection:
    writer: asyncio.StreamWriter
    server: StallingServer
    room: int = WINDOW
    initial: int = WINDOW
    rooms: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)

    def take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Do what a frame asks for."""
        if kind == SETTINGS and not flags & ACK:
            self._settle(payload)
            self.writer.write(frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            self.writer.write(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE and stream:
            self.rooms[stream] = self.rooms.get(stream, self.initial) + int.from_bytes(payload)
        elif kind == WINDOW_UPDATE:
            self.room += int.from_bytes(payload)
        elif kind == RST_STREAM:
            self.server.unsent -= self.left.pop(stream, 0)
        elif kind in (HEADERS, DATA) and flags & END_STREAM:
            self._begin(stream)
        self._send()

    def _settle(self, payload: bytes) -> None:
        for at in range(0, len(payload), 6):
            if int.from_bytes(payload[at : at + 2]) == INITIAL_WINDOW:
                value = int.from_bytes(payload[at + 2 : at + 6])
                for stream in self.rooms:
                    self.rooms[stream] += value - self.initial
                self.initial = value

    def _begin(self, stream: int) -> None:
        self.server.calls += 1
        size = self.server.size(self.server.calls)
        self.writer.write(frame(HEADERS, END_HEADERS, stream, HEAD))
        self.writer.write(frame(DATA, 0, stream, b"\x00" + size.to_bytes(4)))
        self.room -= 5
        self.rooms[stream] = self.rooms.get(stream, self.initial) - 5
        self.left[stream] = size - 1
        self.server.unsent += size - 1

    def _send(self) -> None:
        for stream, left in list(self.left.items()):
            while left and (size := min(LARGEST_FRAME, left, self.room, self.rooms[stream])) > 0:
                self.writer.write(frame(DATA, 0, stream, bytes(size)))
                self.room -= size
                self.rooms[stream] -= size
                left -= size
                self.server.unsent -= size
            self.left[stream] = left
            if not left:
                del self.left[stream]


@asynccontextmanager
async def stalling_server(size: Size) -> AsyncIterator[StallingServer]:
    """Run a server whose replies are as long as `size` says, and never end."""
    running = StallingServer(size)
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        connection = _Connection(writer, running)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readexactly(len(PREFACE))
            writer.write(frame(SETTINGS, 0, 0, b""))
            while True:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3]))
                connection.take(head[3], head[4], int.from_bytes(head[5:]), payload)
                await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield running
        for writer in writers:
            writer.transport.abort()

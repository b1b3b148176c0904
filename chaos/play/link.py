"""link is one connection of an operator, and the one to the API server behind it, for a wire."""

import asyncio
import json
import socket
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

import httptools

from chaos.play.mood import Conduct

PIECE_BYTES: Final = 64 * 1024

SETTLED_SECONDS: Final = 0.1
"""So long after the last delayed piece was due it has been written."""

_WRITES: Final = frozenset({b"POST", b"PUT", b"PATCH", b"DELETE"})

_REASONS: Final = {429: "Too Many Requests", 500: "Internal Server Error"}

End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Link:
    """Carries whole requests one way and whatever comes the other way."""

    def __init__(self, conduct: Conduct, near: End, away: End) -> None:
        self.is_dead = False
        """Whether it keeps open and carries nothing any more."""
        self._conduct = conduct
        self._near_reader, self._near = near
        self._away_reader, self._away = away
        self._parser = httptools.HttpRequestParser(self)
        self._is_whole = False
        self._writes = False
        self._due = 0.0

    def on_message_complete(self) -> None:
        """Note that a request is whole; the parser calls this."""
        self._is_whole = True

    async def carry(self) -> None:
        """Carry both ways until either end is closed."""
        ways: list[Awaitable[None]] = [self._requests(), self._answers()]
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def reset(self) -> None:
        """Break both connections."""
        for writer in (self._near, self._away):
            writer.transport.abort()

    def half_close(self) -> None:
        """Send the operator the end of the stream, and go on reading from it."""
        self.is_dead = True
        # Below TLS, as a network does it.
        end: socket.socket = self._near.get_extra_info("socket")
        with suppress(OSError):
            end.shutdown(socket.SHUT_WR)

    async def _requests(self) -> None:
        request = b""
        while piece := await self._near_reader.read(PIECE_BYTES):
            if self.is_dead:
                continue
            request += piece
            self._parser.feed_data(piece)
            if not self._is_whole:
                continue
            self._is_whole = False
            await self._conduct.silence()
            self._writes = self._parser.get_method() in _WRITES
            if status := self._conduct.mood.status:
                self._near.write(_refusal(status))
            else:
                self._away.write(request)
                await self._away.drain()
            request = b""

    async def _answers(self) -> None:
        loop = asyncio.get_running_loop()
        while piece := await self._away_reader.read(PIECE_BYTES):
            await self._conduct.silence()
            if self.is_dead:
                continue
            mood = self._conduct.mood
            if mood.lose_answers and self._writes:
                return
            now = loop.time()
            if not mood.delay and self._due + SETTLED_SECONDS <= now:
                self._near.write(piece)
                await self._near.drain()
                continue
            # One after the other, also when the delay becomes shorter.
            self._due = max(now + mood.delay, self._due + 1e-6)
            loop.call_at(self._due, self._near.write, piece)
        # The connection outlasts what is still to be written.
        await asyncio.sleep(max(0.0, self._due - loop.time()))


def _refusal(status: int) -> bytes:
    body = json.dumps(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": "refused by the nemesis",
            "code": status,
        }
    ).encode()
    head = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(["Retry-After: 1"] if status == 429 else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body

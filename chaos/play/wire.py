"""wire carries the requests of operators to the API server, and fails them as it is told.

It ends TLS with the API server's own certificate, so that it can tell requests from
answers; whose they are decides the token in them, as ever.
"""

import asyncio
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from chaos.play.link import Link
from chaos.play.mood import Conduct, Mood


@dataclass(eq=False)
class Wire:
    """The way of one operator to the API server."""

    port: int = 0
    conduct: Conduct = field(default_factory=Conduct)
    links: set[Link] = field(default_factory=set)

    def set_mood(self, mood: Mood) -> None:
        """Change how it treats what it carries; in its event loop."""
        self.conduct.change(mood)
        if mood.reset:
            self.reset()

    def reset(self) -> None:
        """Reset what is open."""
        for link in tuple(self.links):
            link.reset()

    def silence(self) -> None:
        """Carry nothing more over what is open now."""
        for link in self.links:
            link.is_dead = True

    def half_close(self) -> None:
        """End the answering side of what is open, and take further requests without a word."""
        for link in self.links:
            link.half_close()


class Wires:
    """`count` wires to the API server at `port`, from ``with`` to the end of its block.

    They have a thread and an event loop of their own.
    """

    def __init__(
        self, count: int, port: int, *, server: ssl.SSLContext, client: ssl.SSLContext
    ) -> None:
        self._target = port
        self._server, self._client = server, client
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="wires")
        self._ready = threading.Event()
        self._done = asyncio.Event()
        self.wires = [Wire() for _ in range(count)]

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close everything."""
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def set_mood(self, operator: int | None, mood: Mood) -> None:
        """Change the mood of one wire, or of all."""
        for wire in self._chosen(operator):
            self._loop.call_soon_threadsafe(wire.set_mood, mood)

    def silence(self, operator: int | None) -> None:
        """Let the open connections of one operator, or of all, die silently."""
        for wire in self._chosen(operator):
            self._loop.call_soon_threadsafe(wire.silence)

    def half_close(self, operator: int | None) -> None:
        """Close one half of the open connections of one operator, or of all."""
        for wire in self._chosen(operator):
            self._loop.call_soon_threadsafe(wire.half_close)

    def _chosen(self, operator: int | None) -> list[Wire]:
        return self.wires if operator is None else [self.wires[operator]]

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        servers = []
        for wire in self.wires:
            server = await asyncio.start_server(
                partial(self._carry, wire),
                "127.0.0.1",
                ssl=self._server,
            )
            wire.port = server.sockets[0].getsockname()[1]
            servers.append(server)
        self._ready.set()
        await self._done.wait()
        for server in servers:
            server.close()
        for wire in self.wires:
            # Whatever is held goes to nobody any more.
            wire.set_mood(Mood(reset=True))
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait([*tasks], timeout=5) if tasks else None

    async def _carry(
        self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if wire.conduct.mood.reset:
            writer.transport.abort()
            return
        try:
            away = await asyncio.open_connection(
                "127.0.0.1", self._target, ssl=self._client, server_hostname="127.0.0.1"
            )
        except OSError:
            writer.transport.abort()
            return
        link = Link(wire.conduct, (reader, writer), away)
        wire.links.add(link)
        try:
            with suppress(OSError):
                await link.carry()
        finally:
            wire.links.discard(link)
            link.reset()

"""BoundedProtocol is uvicorn's HTTP protocol with bounds on what a client sends, for the facade.

httptools keeps what it has of a head or a trailer until that is complete, and uvicorn
every header, without a bound of either in bytes or in time.
"""

import asyncio
from collections import deque
from typing import Any, Final, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from crontask_api.server.door import Door
from crontask_api.server.refusals import refusal
from crontask_api.server.transport import LingeringTransport
from crontask_api.web.endless import ENDLESS

MOST_HEADERS: Final = 100
"""Headers of a request; each costs several times its bytes."""

MOST_WAITING: Final = 16
"""Requests that a client sends ahead of the answers. They are answered in their order, and
the next one is told that it was too much (RFC 9112, section 9.3.2)."""

MOST_WAITING_BYTES: Final = 64 * 1024
"""What these may take of memory. Their bodies are none of those that are counted yet."""

REQUEST_BYTES: Final = 1000
HEADER_BYTES: Final = 100
"""What a request that waits takes besides its texts, and each of its headers."""

MOST_UNSENT: Final = 16 * 1024
"""Bytes of answers that wait in a connection's buffer. With more, the application waits."""

REASONS: Final = {408: "slow", 431: "large", 503: "ahead"}
"""Of refusals by status, the label in the metrics."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection of a client.

    Parameters
    ----------
    door
        Counts the connections of the server, and has the bounds.
    """

    def __init__(self, door: Door, **given: Any) -> None:
        super().__init__(**given)
        self._door = door
        self._bounds = door.bounds
        self._address: str | None = None
        self._lingering: LingeringTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._is_complete = True
        self._unread = 0
        self._head_bytes = 0
        self._running: RequestResponseCycle | None = None
        self._waiting = deque[int]()
        """Of each request in the pipeline, what it takes."""
        self._refusal: bytes | None = None
        self._status = 400
        self._why = "it is no HTTP/1.1"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, or refuse it."""
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple | list) and peer else ""
        inner = cast(asyncio.Transport, transport)
        if not self._door.enter(address):
            self._door.refused.labels("connections").inc()
            inner.write(refusal(503, "too many connections; try again"))
            inner.close()
            return
        self._address = address
        inner.set_write_buffer_limits(high=MOST_UNSENT)
        self._lingering = LingeringTransport(
            inner, lambda: not self._is_complete, self._bounds.linger_seconds
        )
        super().connection_made(self._lingering)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        if self._address is None or self._lingering is None:
            return
        self._door.leave(self._address)
        self._lingering.lost()
        for timer in filter(None, (self._timer, self._write_timer)):
            timer.cancel()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End after the answer that is under way, unless that would go on for ever."""
        if self._running and self._running.scope.get(ENDLESS) and self._lingering:
            self._lingering.abort()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Take in what the client sent, within the bounds."""
        if self._lingering is None:
            return
        self._unread += len(data)
        if self._refusal is not None or self._lingering.is_closing():
            self._drop()
            return
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse()
            return
        if self._in_head:
            if self._unread > self._bounds.head_bytes:
                self._too_large()
                self._refuse()
            elif self._timer is None and self._unread:
                self._await_head()
        elif self.cycle.response_complete and not self._is_complete:
            if self._timer is None:
                self._timer = self.loop.call_later(
                    self._bounds.linger_seconds, self._lingering.abort
                )
            self._drop()
        elif self._unread > self._bounds.head_bytes and not self.flow.read_paused:
            # Trailers or extensions of chunks: no byte of it was a body's.
            self._lingering.abort()

    def _parse(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                self.parser.feed_data(rest)
                return
            except httptools.HttpParserUpgrade as upgrade:
                # There is nothing here to upgrade to: the request is answered, and what
                # follows is the next one (RFC 9110, section 7.8).
                rest = rest[upgrade.args[0] :]

    def on_message_begin(self) -> None:
        """Begin a head."""
        if len(self.pipeline) >= MOST_WAITING:
            self._too_much_ahead()
        self._in_head, self._is_complete = True, False
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take in a part of the request's target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header, or a trailer."""
        self._count(len(name) + len(value) + 4)
        if len(self.headers) >= MOST_HEADERS:
            self._too_large()
            raise ValueError(self._why)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        super().on_headers_complete()
        self._in_head = False
        self._unread = 0
        self._stop_timer()
        if self._last_waits():
            self._waiting.appendleft(REQUEST_BYTES + HEADER_BYTES * len(self.headers))
            self._count_waiting(self._head_bytes)

    def on_body(self, body: bytes) -> None:
        """Take in a part of the body."""
        if not self.cycle.response_complete:
            self._unread = 0
        if self._last_waits():
            self._count_waiting(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request's own part."""
        self._is_complete, self._in_head = True, True
        self._unread = 0
        super().on_message_complete()
        if self.cycle.response_complete:
            # The answer was there before the end of the body, which nobody read.
            self._stop_timer()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """Go on with the next request, or end what could not be read."""
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self._refusal is not None:
            self._end(self._refusal)

    def pause_writing(self) -> None:
        """Give the client time to take its answer."""
        super().pause_writing()
        if self._running is not None and self._running.response_started:
            # What is answered has been read, or will not be.
            self._running.body = bytearray()
        if self._write_timer is None and self._lingering is not None:
            self._write_timer = self.loop.call_later(
                self._bounds.linger_seconds, self._lingering.abort
            )

    def resume_writing(self) -> None:
        """Go on, as the client took some of its answer."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        while len(self._waiting) > len(self.pipeline):
            self._waiting.pop()
        super()._start_asgi_task(cycle, app)

    def _last_waits(self) -> bool:
        return bool(self.pipeline) and self.pipeline[0][0] is self.cycle

    def _count_waiting(self, size: int) -> None:
        self._waiting[0] += size
        if sum(self._waiting) > MOST_WAITING_BYTES:
            self._too_much_ahead()

    def _too_much_ahead(self) -> None:
        most = f"{MOST_WAITING} requests or {MOST_WAITING_BYTES // 1024} KiB"
        self._status, self._why = 503, f"more than {most} wait; send others after their answers"
        raise ValueError(self._why)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self._bounds.head_seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._timer = None
        self._status = 408
        self._why = f"the head: not complete within {self._bounds.head_seconds:g} s"
        self._refuse()

    def _too_large(self) -> None:
        most = f"{self._bounds.head_bytes} bytes and {MOST_HEADERS} headers"
        self._status, self._why = 431, f"the head: expected at most {most}"

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self._bounds.head_bytes:
            self._too_large()
            raise ValueError(self._why)

    def _drop(self) -> None:
        if self._unread > self._bounds.linger_bytes and self._lingering is not None:
            self._lingering.abort()

    def _refuse(self) -> None:
        """Answer what never became a request, after the requests that came before."""
        if self._lingering is None or self._lingering.is_closing() or self._refusal is not None:
            return
        self._door.refused.labels(REASONS.get(self._status, "invalid")).inc()
        answer = refusal(self._status, self._why)
        if not self._in_head and not self._is_complete:
            answer = self._give_up_last(answer)
        if self._running is not None and not self._running.response_complete:
            self._refusal = answer
        else:
            is_idle = self._status == 408 and not self._unread
            self._is_complete = is_idle
            self._end(b"" if is_idle else answer)

    def _give_up_last(self, answer: bytes) -> bytes:
        """Forget the request whose body cannot be read; return what is left of its answer."""
        if self.pipeline:
            self.pipeline.popleft()
        elif not self.cycle.response_complete:
            # Its sender is as good as gone, and is told why unless it was told something.
            self._running = None
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            return b"" if self.cycle.response_started else answer
        return answer if not self.cycle.response_complete else b""

    def _end(self, answer: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._lingering is not None:
            self._lingering.write(answer)
            self._lingering.close()

"""The connection by itself: bytes in, an answer out, however they are cut."""

import asyncio

import httpx
import pytest

from crontask_operator.callbacks.connection.connection import HIGH_WATER_BYTES, Connection


class Pipe(asyncio.Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.paused = False
        self.closed = False
        self.unsent = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what is sent."""
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        """Return what a test says is not sent yet."""
        return self.unsent

    def pause_reading(self) -> None:
        """Note it."""
        self.paused = True

    def resume_reading(self) -> None:
        """Note it."""
        self.paused = False

    def is_closing(self) -> bool:
        """Return whether `abort` was called."""
        return self.closed

    def abort(self) -> None:
        """Note it."""
        self.closed = True


def connected() -> tuple[Connection, Pipe]:
    connection, pipe = Connection(), Pipe()
    connection.connection_made(pipe)
    connection.send(b"GET / HTTP/1.1\r\n\r\n")
    return connection, pipe


def receive(connection: Connection, data: bytes) -> None:
    """Let the connection have `data`, as an event loop does."""
    while data:
        buffer = connection.get_buffer(-1)
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        connection.buffer_updated(size)
        data = data[size:]


async def body_of(connection: Connection) -> bytes:
    parts = []
    while (part := await connection.read()) is not None:
        parts.append(part)
    return b"".join(parts)


async def whole(connection: Connection) -> bytes:
    await connection.head()
    return await body_of(connection)


ANSWERS = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello", b"hello", True),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        b"hello",
        True,
    ),
    "interim": (
        b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        b"x",
        True,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "close": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", b"x", False),
}


@pytest.mark.parametrize(("raw", "body", "reusable"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_it_does_not_matter_where_an_answer_is_cut(
    raw: bytes, body: bytes, reusable: bool
) -> None:
    for cut in range(1, len(raw)):
        connection, _ = connected()
        receive(connection, raw[:cut])
        receive(connection, raw[cut:])
        head = await connection.head()
        assert head.status in (200, 204)
        assert (await body_of(connection), connection.rest()) == (body, reusable), cut


@pytest.mark.parametrize("raw", [raw for raw, _, _ in ANSWERS.values()], ids=ANSWERS.keys())
async def test_an_answer_that_ends_early_is_never_taken_for_a_whole(raw: bytes) -> None:
    for cut in range(len(raw)):
        connection, _ = connected()
        if cut:
            receive(connection, raw[:cut])
        connection.eof_received()
        connection.connection_lost(None)
        with pytest.raises(httpx.TransportError):
            await whole(connection)


async def test_a_connection_carries_one_answer_after_the_other() -> None:
    connection, pipe = connected()
    for body in (b"a", b"b"):
        receive(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body)
        await connection.head()
        assert await body_of(connection) == body
        assert connection.rest()
        connection.send(b"next")
    assert pipe.written.endswith(b"nextnext")
    assert connection.uses == 3


async def test_a_slow_reader_stops_the_sender() -> None:
    connection, pipe = connected()
    receive(connection, b"HTTP/1.1 200 OK\r\n\r\n")
    receive(connection, b"x" * HIGH_WATER_BYTES)
    assert not pipe.paused
    receive(connection, b"x")
    assert pipe.paused
    assert len(await connection.read() or b"") == HIGH_WATER_BYTES + 1
    assert not pipe.paused


async def test_an_unread_body_is_no_connection_to_use_again() -> None:
    connection, _ = connected()
    receive(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    await connection.head()
    assert not connection.rest()


async def test_an_answer_before_the_whole_request_ends_the_connection() -> None:
    connection, pipe = connected()
    pipe.unsent = 1
    receive(connection, b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    await whole(connection)
    assert not connection.rest()


async def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    connection, pipe = connected()
    receive(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await whole(connection)
    assert connection.rest()
    receive(connection, b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert pipe.closed


async def test_a_closed_connection_fails_the_next_request() -> None:
    connection, _ = connected()
    receive(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert await body_of(connection) == b""
    connection.connection_lost(None)
    connection.send(b"next")
    assert not connection.answered
    with pytest.raises(httpx.ReadError):
        await connection.head()


async def test_what_the_system_says_is_told() -> None:
    connection, _ = connected()
    connection.connection_lost(ConnectionResetError(104, "as the loop words it"))
    with pytest.raises(httpx.ReadError, match="Connection reset by peer"):
        await connection.head()


async def test_a_reader_that_waits_for_room_leaves_the_rest_in_the_socket() -> None:
    connection, pipe = connected()
    receive(connection, b"HTTP/1.1 200 OK\r\n\r\nx")
    assert await connection.read() == b"x"
    connection.pause()
    assert pipe.paused
    reading = asyncio.create_task(connection.read())
    await asyncio.sleep(0)
    assert not pipe.paused
    receive(connection, b"y")
    assert await reading == b"y"

"""Answers that hang take little memory, however many there are, measured in a process."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Expect, HttpCallback
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES
from crontask_operator.callbacks.answer_memory import SHARES, TOTAL_BYTES
from crontask_operator.callbacks.connection.response_parser import MAX_HEADER_BYTES, ResponseParser
from tests.support.memory import grown_bytes, resident_bytes
from tests.unit.callbacks.calls import calling
from tests.unit.callbacks.test_memory import call_once, forget_peak, peak_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

CALLS = 300
KIB = 1024
TARGET_BYTES = 8 * KIB
"""Bytes of a call on the target's side, which runs in the same process."""

MANY_HEADERS = b"HTTP/1.1 200 OK\r\n" + b"".join(
    b"X%d: %b\r\n" % (number, b"a" * 52) for number in range(990)
)
MANY_LOCATIONS = b"HTTP/1.1 302 Found\r\n" + b"Location: %b\r\n" % (b"a" * 52) * 900
LONG_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 999_000


@asynccontextmanager
async def hanging(answer: bytes) -> AsyncIterator[str]:
    """Give the URL of a target that sends `answer`, of which it has no copy, and hangs."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(client: socket.socket) -> None:
        with client:
            await loop.sock_recv(client, 4096)
            with suppress(ConnectionError):
                await loop.sock_sendall(client, answer)
                await loop.sock_recv(client, 1)

    async def accept(listener: socket.socket) -> None:
        while True:
            client, _ = await loop.sock_accept(listener)
            client.setblocking(False)
            tasks.add(asyncio.create_task(serve(client)))

    with socket.create_server(("127.0.0.1", 0), backlog=CALLS) as listener:
        listener.setblocking(False)
        tasks.add(asyncio.create_task(accept(listener)))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hang(answer: bytes, a_call: int, together: int = 0) -> None:
    async with calling(cap=RESPONSE_CAP_BYTES) as caller, hanging(answer) as url:
        callback, expect = HttpCallback(url=url), Expect(body_regex="nowhere$")
        forget_peak()
        before = resident_bytes()
        calls = [caller(callback, expect=expect, timeout_seconds=3) for _ in range(CALLS)]
        results = await asyncio.gather(*calls)
        assert {result.reason for result in results} == {Reason.TIMEOUT}
        used = peak_bytes() - before - together
        assert used <= CALLS * (a_call + TARGET_BYTES), f"{used // CALLS} bytes a call"


def send_many_headers() -> None:
    """Hang after 57 KB of headers that nobody uses."""
    asyncio.run(_hang(MANY_HEADERS, 16 * KIB))


def send_many_locations() -> None:
    """Hang after 56 KB of a header that is used."""
    asyncio.run(_hang(MANY_LOCATIONS, 24 * KIB))


def send_long_bodies() -> None:
    """Hang shortly before the end of answers that an expression is matched with."""
    asyncio.run(_hang(LONG_BODY, 45 * KIB, TOTAL_BYTES // SHARES))


@pytest.mark.parametrize("work", [send_many_headers, send_many_locations, send_long_bodies])
def test_answers_that_hang_take_little_memory(work: Callable[[], None]) -> None:
    grown_bytes(work, warm_up=call_once)


def test_a_header_that_does_not_end_is_refused() -> None:
    parser = ResponseParser()
    parser.begin(bodiless=False)
    parser.feed(b"HTTP/1.1 200 OK\r\nX: ")
    with pytest.raises(Exception, match="has a header longer than 16384 bytes"):
        parser.feed(b"x" * (MAX_HEADER_BYTES + 1))


def test_of_a_head_only_what_is_used_is_kept() -> None:
    parser = ResponseParser()
    parser.begin(bodiless=False)
    parser.feed(MANY_HEADERS + b"Location: /\r\n")
    parser.feed(b"Content-Encoding: identity\r\ncontent-encoding: gzip\r\n\r\n")
    assert parser.head is not None
    assert parser.head.get(b"content-encoding") == "identity, gzip"
    assert set(parser.head.values) == {b"location", b"content-encoding"}


def test_a_value_that_is_cut_is_not_taken_for_a_whole_one() -> None:
    parser = ResponseParser()
    parser.begin(bodiless=False)
    parser.feed(b"HTTP/1.1 200 OK\r\nRetry-After: " + b"1" * 2000 + b"\r\n")
    parser.feed(b"Location: /" + b"x" * 9000 + b"\r\n\r\n")
    assert parser.head is not None
    assert parser.head.get(b"retry-after") == "1" * 1024 + "\xff"
    assert len(parser.head.get(b"location") or "") == 8193

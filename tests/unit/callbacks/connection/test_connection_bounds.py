"""What a target may send beside the content of an answer, counted on the wire."""

import httpx
import pytest

from crontask_core.enums import Reason
from crontask_core.spec import HttpCallback
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES
from crontask_operator.callbacks.connection.response_parser import (
    MAX_HEAD_BYTES,
    SPARE_BYTES,
    ResponseParser,
)
from tests.support.targets import Exchange, target
from tests.unit.callbacks.calls import Caller, calling

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENOUGH = 100 * SPARE_BYTES
"""Bytes after which an endless stream counts as not noticed."""

ENDLESS = {
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-Trailer: and another one\r\n" * 100),
    "one trailer": (CHUNKED + b"1\r\nx\r\n0\r\nX-Trailer: ", b"and more of it " * 100),
    "chunk extensions": (CHUNKED, b"1;extension=" + b"e" * 100 + b"\r\nx\r\n"),
    "one chunk extension": (CHUNKED + b"1;extension=", b"and more of it" * 100),
    "trailers after a long body": (
        CHUNKED + b"186a0\r\n" + b"x" * 100_000 + b"\r\n0\r\n",
        b"X-Trailer: and another one\r\n" * 100,
    ),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Header: and another one\r\n" * 100),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 10),
}


def send_endlessly(parser: ResponseParser, first: bytes, rest: bytes) -> int:
    """Feed `rest` again and again; return the bytes that did not stop it."""
    parser.feed(first)
    fed = 0
    while fed < ENOUGH:
        parser.feed(rest)
        parser.take()
        fed += len(rest)
    return fed


@pytest.mark.parametrize(("first", "rest"), ENDLESS.values(), ids=ENDLESS.keys())
def test_what_never_ends_is_ended(first: bytes, rest: bytes) -> None:
    parser = ResponseParser()
    parser.begin(bodiless=False)
    with pytest.raises(httpx.RemoteProtocolError, match="the answer"):
        send_endlessly(parser, first, rest)
    assert not parser.keep_alive


@pytest.mark.parametrize(("first", "rest"), ENDLESS.values(), ids=ENDLESS.keys())
async def test_a_target_that_never_ends_is_left(first: bytes, rest: bytes) -> None:
    sent = 0

    async def pour(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(first)
        # Ends with an error as soon as the client has closed.
        while True:
            await exchange.send(rest * 20)
            sent += len(rest) * 20

    async with calling(cap=RESPONSE_CAP_BYTES) as caller, target(pour) as server:
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR
    # What the sockets of both sides hold is sent as well.
    assert sent < 20_000_000


def answer(headers: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + headers + b"\r\n"


@pytest.mark.parametrize("bodiless", [False, True])
@pytest.mark.parametrize(
    ("headers", "error"),
    [
        (b"X-Long: " + b"x" * MAX_HEAD_BYTES + b"\r\n", "longer than 65536 bytes"),
        (b"a: b\r\n" * 1000, "more than 1000 headers"),
    ],
)
async def test_a_long_head_that_comes_at_once_is_refused(
    headers: bytes, error: str, bodiless: bool
) -> None:
    parser = ResponseParser()
    parser.begin(bodiless=bodiless)
    with pytest.raises(httpx.RemoteProtocolError, match=error):
        parser.feed(answer(headers))
    assert parser.head is None


async def test_small_chunks_and_some_trailers_are_an_answer(caller: Caller) -> None:
    trailers = b"X-Trailer: t\r\n" * 100
    chunks = b"1\r\nx\r\n" * 1000

    async def send(exchange: Exchange) -> None:
        await exchange.send(CHUNKED, chunks)
        await exchange.send(b"0\r\n", trailers, b"\r\n")

    async with target(send) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.error, result.response) == ("", "x" * 1000)
        assert (await caller(HttpCallback(url=server.url))).ok
        assert server.connections == 1


async def test_each_answer_of_a_connection_has_the_whole_bound(caller: Caller) -> None:
    async def send(exchange: Exchange) -> None:
        await exchange.send(CHUNKED, b"1\r\nx\r\n0\r\nX: " + b"t" * 50_000 + b"\r\n\r\n")

    async with target(send) as server:
        for _ in range(4):
            result = await caller(HttpCallback(url=server.url))
            assert (result.error, result.response) == ("", "x")
        assert server.connections == 1

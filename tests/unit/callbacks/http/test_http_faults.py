"""Targets and networks that go wrong, and what a record says of them."""

import asyncio
import socket
from contextlib import closing

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import HttpCallback
from tests.support.targets import Exchange, Script, response, target
from tests.unit.callbacks.calls import Caller, attempt_of, calling


async def close(exchange: Exchange) -> None:
    exchange.close()


async def reset(exchange: Exchange) -> None:
    # Closing with unread input makes the kernel send a reset instead of an end.
    exchange.reset()


async def no_http(exchange: Exchange) -> None:
    await exchange.send(b"220 mail.example ESMTP\r\n")
    exchange.close()


async def endless_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 300_000)
    await exchange.gone()


async def endless_hints(exchange: Exchange) -> None:
    while True:
        await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000)


async def half_a_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-")
    exchange.close()


async def half_a_body(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf")
    exchange.close()


async def half_a_chunk(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf")
    exchange.close()


async def no_chunk_size(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf")
    exchange.close()


async def two_lengths(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!")
    exchange.close()


@pytest.mark.parametrize(
    ("script", "code", "text", "error"),
    [
        (close, None, "", "closed the connection without an answer"),
        (reset, None, "", "closed the connection without an answer"),
        (no_http, None, "", "the answer is no valid HTTP"),
        (endless_head, None, "", "the answer's head"),
        (endless_hints, None, "", "the answer's head"),
        (half_a_head, None, "", "closed the connection without an answer"),
        (half_a_body, 200, "half", "closed the connection before the answer was complete"),
        (half_a_chunk, 200, "half", "closed the connection before the answer was complete"),
        (no_chunk_size, 200, "", "the answer is no valid HTTP"),
        (two_lengths, None, "", "the answer is no valid HTTP"),
    ],
)
async def test_a_broken_answer_is_a_connection_error(
    caller: Caller, script: Script, code: int | None, text: str, error: str
) -> None:
    async with target(script) as server:
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR
        assert error in result.error
        assert (result.code, result.response) == (code, text)
        # A new connection that breaks is no stale one: nothing is sent twice.
        assert len(server.requests) == 1


async def test_nobody_listening_is_a_connection_error(caller: Caller) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        result = await caller(HttpCallback(url=f"http://127.0.0.1:{port}/"))
    assert result.reason is Reason.CONNECTION_ERROR
    assert result.error == f"cannot connect to 127.0.0.1 port {port}: Connection refused"


async def test_a_name_that_does_not_resolve_is_a_connection_error(caller: Caller) -> None:
    result = await caller(HttpCallback(url="http://nowhere.example/"))
    assert result.reason is Reason.CONNECTION_ERROR
    assert "'nowhere.example' did not resolve: Name or service not known" in result.error


async def test_the_next_address_of_a_name_is_tried_when_one_refuses() -> None:
    names = {"shop.example": [["127.0.0.2", "127.0.0.1"]]}
    async with calling(names=names) as caller, target() as server:
        result = await caller(HttpCallback(url=f"http://shop.example:{server.port}/"))
        assert result.ok, result.error
        assert server.requests[0].header("Host") == f"shop.example:{server.port}"


async def silent(exchange: Exchange) -> None:
    await exchange.gone()


async def slow_drip(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await exchange.send(b".")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("script", "code", "error"),
    [
        (silent, None, "no answer within 1 s"),
        (slow_drip, 200, "no complete answer within 1 s"),
    ],
)
async def test_the_timeout_covers_the_whole_attempt(
    caller: Caller, script: Script, code: int | None, error: str
) -> None:
    async with target(script) as server:
        result = await caller(HttpCallback(url=server.url), timeout_seconds=1)
        assert (result.reason, result.code, result.error) == (Reason.TIMEOUT, code, error)
        assert result.response.strip(".") == ""


@pytest.mark.parametrize("after_head", [False, True], ids=["before the head", "within the body"])
async def test_a_cancelled_call_leaves_no_connection(caller: Caller, after_head: bool) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def hang(exchange: Exchange) -> None:
        if after_head:
            await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        arrived.set()
        await exchange.gone()
        gone.set()

    async with target(hang) as server:
        attempt = attempt_of(HttpCallback(url=server.url), timeout_seconds=60)
        call = asyncio.create_task(caller.client.call(attempt))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(1):
            await gone.wait()


async def test_a_call_may_be_cancelled_while_it_connects() -> None:
    with closing(socket.socket()) as deaf:
        # Its queue is full after one connection, so a second one waits for ever.
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        with closing(socket.create_connection(address)):
            async with calling() as caller:
                url = f"http://127.0.0.1:{address[1]}/"
                result = await caller(HttpCallback(url=url), timeout_seconds=1)
                assert result.reason is Reason.TIMEOUT


async def test_an_answer_before_the_whole_request_is_taken(caller: Caller) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.answer(413, b"too much")
        exchange.close()

    async with target(refuse) as server:
        result = await caller(HttpCallback(url=server.url, body="x" * 100_000))
        assert (result.code, result.response) == (413, "too much")


async def test_an_answer_may_say_goodbye_to_http(caller: Caller) -> None:
    async def switch(exchange: Exchange) -> None:
        await exchange.send(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nabc"
        )
        await exchange.gone()

    async with target(switch) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.reason, result.code) == (Reason.UNEXPECTED_STATUS, 101)


async def test_a_redirect_is_an_answer_by_default(caller: Caller) -> None:
    async def redirect(exchange: Exchange) -> None:
        await exchange.answer(302, b"", {"Location": "/elsewhere"})

    async with target(redirect) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.reason, result.code) == (Reason.UNEXPECTED_STATUS, 302)
        assert "a redirect to '/elsewhere' which was not followed" in result.error
        assert len(server.requests) == 1


async def test_cookies_are_not_kept(caller: Caller) -> None:
    async def set_cookie(exchange: Exchange) -> None:
        await exchange.send(response(200, b"", {"Set-Cookie": "session=1"}))

    async with target(set_cookie) as server:
        await caller(HttpCallback(url=server.url))
        await caller(HttpCallback(url=server.url))
        assert [request.header("Cookie") for request in server.requests] == [None, None]

"""Connections that are used again, and those that must not be."""

import asyncio
import contextlib
import os
import resource
from collections.abc import Iterator

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import HttpCallback
from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.http import connection_pool as connections
from crontask_operator.callbacks.http.connection_pool import ConnectionPool, Route
from tests.support.targets import Exchange, ok, response, target
from tests.support.wait import eventually
from tests.unit.callbacks.calls import Caller, Clock


async def test_calls_one_after_the_other_share_a_connection(caller: Caller) -> None:
    async with target() as server:
        for _ in range(5):
            assert (await caller(HttpCallback(url=server.url))).ok
        assert (len(server.requests), server.connections) == (5, 1)


async def test_calls_at_once_have_connections_of_their_own(caller: Caller) -> None:
    both_there = asyncio.Barrier(2)

    async def meet(exchange: Exchange) -> None:
        async with both_there:
            await exchange.answer()

    async with target(meet) as server:
        callback = HttpCallback(url=server.url)
        results = await asyncio.gather(caller(callback), caller(callback))
        assert all(result.ok for result in results)
        assert server.connections == 2


async def close_after_each(exchange: Exchange) -> None:
    await exchange.answer()
    exchange.close()


async def test_a_server_that_closes_between_runs_does_no_harm(caller: Caller) -> None:
    async with target(close_after_each) as server:
        for _ in range(10):
            result = await caller(HttpCallback(url=server.url))
            assert result.ok, result.error
        assert len(server.requests) == 10


async def test_a_request_into_a_closing_connection_is_sent_again(caller: Caller) -> None:
    async def close_when_used_again(exchange: Exchange) -> None:
        # What the client sees when the server's idle timeout ends just as it sends.
        if exchange.connection == 1 and len(server.requests) == 2:
            exchange.close()
        else:
            await exchange.answer()

    async with target(close_when_used_again) as server:
        assert (await caller(HttpCallback(url=server.url))).ok
        result = await caller(HttpCallback(url=server.url))
        assert result.ok, result.error
        assert (len(server.requests), server.connections) == (3, 2)
        keys = {request.header("Idempotency-Key") for request in server.requests}
        assert len(keys) == 1


async def test_a_request_is_sent_again_only_once(caller: Caller) -> None:
    async def answer_only_the_first(exchange: Exchange) -> None:
        if len(server.requests) == 1:
            await exchange.answer()
        else:
            exchange.close()

    async with target(answer_only_the_first) as server:
        assert (await caller(HttpCallback(url=server.url))).ok
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR
        assert len(server.requests) == 3


async def test_a_request_whose_answer_began_is_not_sent_again(caller: Caller) -> None:
    async def stop_within_the_second(exchange: Exchange) -> None:
        if len(server.requests) == 1:
            await exchange.answer()
        else:
            await exchange.send(b"HTTP/1.1 2")
            exchange.close()

    async with target(stop_within_the_second) as server:
        assert (await caller(HttpCallback(url=server.url))).ok
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "raw",
    [
        response(200, b"", {"Connection": "close"}),
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        response(200, b"") + response(200, b"of another"),
        response(200, b"") + b"garbage",
    ],
    ids=["close", "HTTP/1.0", "two answers", "garbage"],
)
async def test_some_answers_end_their_connection(caller: Caller, raw: bytes) -> None:
    async def send(exchange: Exchange) -> None:
        await exchange.send(raw)

    async with target(send) as server:
        for _ in range(2):
            result = await caller(HttpCallback(url=server.url))
            assert (result.error, result.response) == ("", "")
        assert server.connections == 2


async def test_an_answer_that_nobody_asked_for_ends_its_connection(caller: Caller) -> None:
    first_is_done, gone = asyncio.Event(), asyncio.Event()

    async def unasked(exchange: Exchange) -> None:
        await exchange.answer(body=b"mine")
        if exchange.connection == 1:
            await first_is_done.wait()
            await exchange.answer(408, b"you were idle")
            await exchange.gone()
            gone.set()

    async with target(unasked) as server:
        assert (await caller(HttpCallback(url=server.url))).response == "mine"
        first_is_done.set()
        # At once, and not when it has been idle for long enough.
        async with asyncio.timeout(connections.IDLE_SECONDS / 2):
            await gone.wait()
        assert (await caller(HttpCallback(url=server.url))).response == "mine"
        assert server.connections == 2


async def test_tasks_of_different_hosts_at_one_address_are_not_mixed_up(caller: Caller) -> None:
    async with target() as server:
        await caller(HttpCallback(url=f"http://localhost:{server.port}/"))
        await caller(HttpCallback(url=server.url))
        hosts = [request.header("Host") for request in server.requests]
        assert hosts == [f"localhost:{server.port}", f"127.0.0.1:{server.port}"]


class TestPool:
    """The pool by itself, with a clock that a test moves."""

    async def test_a_connection_that_was_idle_too_long_is_not_used(self) -> None:
        clock = Clock()
        pool = ConnectionPool(clock=clock)
        async with target(ok) as server:
            route = Route("127.0.0.1", server.port)
            first = await self.use(pool, route)
            clock.now += connections.IDLE_SECONDS - 0.1
            assert await self.use(pool, route) is first
            clock.now += connections.IDLE_SECONDS + 0.1
            assert await self.use(pool, route) is not first
            assert first.is_closing
            pool.close()

    async def test_idle_connections_are_closed_in_the_end(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "IDLE_SECONDS", 0.05)
        pool = ConnectionPool()
        async with target(ok) as server:
            connection = await self.use(pool, Route("127.0.0.1", server.port))
            await eventually(lambda: connection.is_closing)
            pool.close()

    async def test_only_so_many_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connections, "IDLE_PER_ROUTE", 2)
        pool = ConnectionPool()
        async with target(ok) as server:
            route = Route("127.0.0.1", server.port)
            opened = [await pool.connect(route) for _ in range(3)]
            for connection in opened:
                await self.exchange(connection)
                pool.release(route, connection)
            assert [connection.is_closing for connection in opened] == [False, False, True]
            pool.close()
            assert all(connection.is_closing for connection in opened)

    async def test_a_closed_pool_keeps_nothing(self) -> None:
        pool = ConnectionPool()
        async with target(ok) as server:
            route = Route("127.0.0.1", server.port)
            connection = await pool.connect(route)
            pool.close()
            await self.exchange(connection)
            pool.release(route, connection)
            assert connection.is_closing

    async def use(self, pool: ConnectionPool, route: Route) -> Connection:
        connection = await pool.acquire(route)
        await self.exchange(connection)
        pool.release(route, connection)
        return connection

    async def exchange(self, connection: Connection) -> None:
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
        assert (await connection.head()).status == 200
        while await connection.read():
            pass


async def test_kept_connections_give_way_when_no_more_files_can_be_opened(caller: Caller) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            other = await stack.enter_async_context(target())
            assert (await caller(HttpCallback(url=other.url))).ok
        server = await stack.enter_async_context(target())
        with all_files_open():
            result = await caller(HttpCallback(url=server.url))
        assert result.ok, result.error


@contextlib.contextmanager
def all_files_open() -> Iterator[None]:
    """Leave this process no file descriptor to open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(opened) + 1, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for number in opened:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

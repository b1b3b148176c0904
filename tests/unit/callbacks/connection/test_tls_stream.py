"""The operator's own TLS over TCP: what goes through it, how it ends, and who waits."""

import asyncio
import ssl
from contextlib import suppress

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Expect, HttpCallback, Tls
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.answer_memory import SHARES
from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.tls_stream import HANDSHAKE_BYTES, TlsHandshakes
from tests.support.hanging_tls import hanging_tls
from tests.support.targets import Certificates, Exchange, response, target
from tests.support.wait import eventually
from tests.unit.callbacks.calls import calling

UNVERIFIED = Tls(insecure_skip_verify=True)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_long_bodies_go_through_whole(
    version: ssl.TLSVersion, authority: Certificates
) -> None:
    sent = f'"{"0123456789abcdef" * 16_000}"'
    answered = sent.encode() * 3
    context = authority.server("127.0.0.1")
    context.minimum_version = context.maximum_version = version

    async def answer(exchange: Exchange) -> None:
        await exchange.answer(200, answered)

    async with calling(cap=2**20) as caller, target(answer, tls=context) as server:
        callback = HttpCallback(url=server.url, body=sent, tls=UNVERIFIED)
        expect = Expect(body_regex='^"[0-9a-f]{1000}.*"$')
        for _ in range(3):
            result = await caller(callback, expect=expect)
            assert result.ok, result.error
            assert result.response_bytes == len(answered)
        assert [request.body for request in server.requests] == [sent.encode()] * 3
        assert server.connections == 1


async def test_how_a_connection_ends_is_told(authority: Certificates) -> None:
    async def half(exchange: Exchange) -> None:
        await exchange.send(response(200, b"x" * 100)[:-50])
        exchange.close()

    async def without_a_length(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\nfine")
        exchange.close()

    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    async with calling() as caller:
        for script, reason, text in (
            (half, Reason.CONNECTION_ERROR, "closed the connection before the answer"),
            (without_a_length, Reason.OK, ""),
        ):
            async with target(script, tls=authority.server("127.0.0.1")) as server:
                result = await caller(HttpCallback(url=server.url, tls=UNVERIFIED))
                assert (result.reason, text in result.error) == (reason, True), result
        for serve, text in (
            (garbage, "TLS failed: WRONG_VERSION_NUMBER"),
            (at_once, "the server closed the connection within the TLS handshake"),
        ):
            plain = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with plain:
                url = f"https://127.0.0.1:{plain.sockets[0].getsockname()[1]}/"
                result = await caller(HttpCallback(url=url))
                assert result.reason is Reason.CONNECTION_ERROR
                assert text in result.error, result.error


async def test_handshakes_that_hang_keep_no_other_namespace_back(authority: Certificates) -> None:
    # Of this a namespace has room for one handshake.
    handshakes = TlsHandshakes(SHARES * HANDSHAKE_BYTES)
    context = ssl.create_default_context(cadata=authority.ca_pem)

    async def connect(namespace: str, port: int) -> Connection:
        TENANT.set(namespace)
        return await handshakes.connect("127.0.0.1", port, context, "127.0.0.1")

    with hanging_tls("certificate") as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        hanging = asyncio.create_task(connect("shop", port))
        await eventually(lambda: handshakes.taken_by("shop"))
        async with target(tls=authority.server("127.0.0.1")) as server:
            waiting = asyncio.create_task(connect("shop", server.port))
            (await asyncio.create_task(connect("other", server.port))).abort()
            assert not waiting.done()
            hanging.cancel()
            (await waiting).abort()
        assert not handshakes.taken_by("shop")


async def test_a_silent_server_takes_no_room(authority: Certificates) -> None:
    handshakes = TlsHandshakes()
    context = ssl.create_default_context(cadata=authority.ca_pem)
    heard, ended = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        heard.set()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        ended.set()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        TENANT.set("shop")
        waiting = asyncio.create_task(handshakes.connect("127.0.0.1", port, context, "127.0.0.1"))
        await heard.wait()
        assert not handshakes.taken_by("shop")
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        await ended.wait()

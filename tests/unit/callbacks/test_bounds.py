"""What is kept between calls is bounded, and what is dropped harms no call in flight."""

import asyncio

import httpx
import pytest
from google.protobuf.message import Message

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver
from crontask_operator.callbacks.connection.tls import SYSTEM_BYTES, TlsContexts, TlsPolicy
from crontask_operator.callbacks.grpc import channels as grpc_channels
from crontask_operator.callbacks.http import prepared
from crontask_operator.callbacks.http.prepared import PreparedRequests
from crontask_operator.callbacks.http.transport import WireTransport
from tests.support.grpc_targets import SERVICE, Call, grpc_target
from tests.support.targets import target
from tests.unit.callbacks.calls import Caller, Names, attempt_of, calling


def test_tls_contexts_make_room() -> None:
    contexts = TlsContexts(SYSTEM_BYTES)
    verifying = contexts.get(TlsPolicy())
    assert contexts.get(TlsPolicy()) is verifying
    contexts.get(TlsPolicy(verify=False))
    assert contexts.get(TlsPolicy()) is not verifying


async def test_prepared_requests_make_room() -> None:
    transport = WireTransport(AddressGuard((), Resolver(Names({}))))
    requests = PreparedRequests(transport, "agent", size_bytes=2000)
    one, other = (attempt_of(HttpCallback(url="http://a.example/"), name=name) for name in "ab")
    first = requests.get(one)
    assert requests.get(one) is first
    requests.get(other)
    assert requests.get(one) is not first
    await transport.aclose()


async def test_a_changed_spec_is_prepared_again(caller: Caller) -> None:
    async with target() as server:
        for path in ("/old", "/new"):
            assert (await caller(HttpCallback(url=server.url + path), name="same")).ok
        assert [request.target for request in server.requests] == ["/old", "/new"]


async def test_what_was_prepared_is_not_laid_out_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with target() as server:
        attempt = attempt_of(HttpCallback(url=f"{server.url}/ahead"))
        caller.client.prepare(attempt)
        monkeypatch.delattr(prepared, "prepare")
        assert (await caller.client.call(attempt)).ok
        assert [request.target for request in server.requests] == ["/ahead"]


async def test_what_cannot_be_prepared_is_for_the_call_to_tell(caller: Caller) -> None:
    attempt = attempt_of(HttpCallback(url="http://shop.example:99999/"))
    caller.client.prepare(attempt)
    result = await caller.client.call(attempt)
    assert result.reason is Reason.INVALID_REQUEST
    assert "spec.callback.http.url" in result.error


async def test_channels_make_room_but_not_while_they_are_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grpc_channels, "CHANNELS_BYTES", grpc_channels.CHANNEL_BYTES)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def wait(call: Call) -> Message:
        arrived.set()
        await go_on.wait()
        return call.reply()

    def close(address: str) -> GrpcCallback:
        return GrpcCallback(address=address, service=SERVICE, method="Close")

    async with (
        calling() as caller,
        grpc_target(wait) as slow,
        grpc_target() as one,
        grpc_target() as two,
    ):
        long_call = asyncio.create_task(caller.client.call(attempt_of(close(slow.address))))
        await arrived.wait()
        for server in (one, two, one):
            assert (await caller(close(server.address))).ok
        go_on.set()
        result = await long_call
        assert result.ok, result.error


@pytest.mark.parametrize(
    ("method", "header"),
    [("POST", (b"X-A", b"1\r\nX-B: 2")), ("POST / HTTP/1.1\r\nX-B: 2\r\n", (b"X-A", b"1"))],
    ids=["header", "method"],
)
async def test_a_line_break_never_reaches_the_wire(
    method: str, header: tuple[bytes, bytes]
) -> None:
    # The request's maker refuses it already; this is what stands behind that.
    transport = WireTransport(AddressGuard((), Resolver(Names({}))))
    async with target() as server:
        request = httpx.Request(method, server.url, headers=[header], stream=httpx.ByteStream(b""))
        with pytest.raises(httpx.LocalProtocolError, match="no line breaks"):
            await transport.handle_async_request(request)
        assert server.connections == 0
    await transport.aclose()

"""Servers that end, refuse or never end a call in the frames of HTTP/2."""

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, GrpcCallback
from tests.support.hostile_grpc import service_file
from tests.support.http2_server import (
    CONTINUATION,
    END_HEADERS,
    END_STREAM,
    HEAD,
    HEADERS,
    Stream,
    field_line,
    http2_server,
)
from tests.support.memory import settled_bytes
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.hostile_calls import calling_it

TYPES = ConfigMapKeyRef(name="types", key="s.pb")


@pytest.fixture
def described(caller: Caller) -> Caller:
    """A client that has the types of the hostile method in a ConfigMap."""
    data = FileDescriptorSet(file=[service_file()]).SerializeToString()
    caller.config_maps["shop/types"] = {"s.pb": data}
    return caller


def to(address: str) -> GrpcCallback:
    """Return a callback without reflection."""
    return calling_it(address, ref=TYPES)


async def test_a_call_that_a_closing_connection_did_not_look_at_is_sent_again(
    described: Caller,
) -> None:
    async def answer_one_call_a_connection(stream: Stream) -> None:
        if stream.number == 1:
            stream.reply()
        else:
            # As a proxy does that closes an idle connection just then.
            stream.go_away(last=stream.number - 2)
            stream.writer.close()

    async with http2_server(answer_one_call_a_connection) as server:
        for _ in range(2):
            result = await described(to(server.address))
            assert result.ok, result.error
        assert [(each.connection, each.number) for each in server.streams] == [
            (1, 1),
            (1, 3),
            (2, 1),
        ]


async def test_a_call_that_was_looked_at_is_not_sent_again(described: Caller) -> None:
    async def cut(stream: Stream) -> None:
        stream.go_away(last=stream.number)
        stream.writer.close()

    async with http2_server(cut) as server:
        result = await described(to(server.address))
        assert (result.reason, result.code) == (Reason.CONNECTION_ERROR, 14)
        assert len(server.streams) == 1


async def test_a_connection_that_breaks_is_a_connection_error(described: Caller) -> None:
    async def cut(stream: Stream) -> None:
        stream.writer.transport.abort()

    async with http2_server(cut) as server:
        result = await described(to(server.address))
        assert (result.reason, result.code) == (Reason.CONNECTION_ERROR, 14)


@pytest.mark.parametrize("head", [b"", HEAD], ids=["headers", "trailers"])
async def test_endless_metadata_is_refused_and_not_kept(described: Caller, head: bytes) -> None:
    sent = 0

    async def never_end(stream: Stream) -> None:
        nonlocal sent
        if head:
            stream.send(HEADERS, END_HEADERS, head)
        stream.send(HEADERS, END_STREAM if head else 0, b"" if head else HEAD)
        block = field_line("x" * 20, "y" * 100) * 100
        while sent < 100_000_000:
            stream.send(CONTINUATION, 0, block)
            sent += len(block)
            await stream.writer.drain()

    async with http2_server(never_end) as server:
        before = settled_bytes()
        result = await described(to(server.address), timeout_seconds=5)
        assert settled_bytes() - before < 16 * 1024 * 1024
    assert (result.reason, result.code) == (Reason.GRPC_ERROR, 8), result.error

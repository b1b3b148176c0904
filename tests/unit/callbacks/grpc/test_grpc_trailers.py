"""What a server writes at the end of a call: statuses that are none, and hostile messages."""

from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, Header, SecretKeyRef
from tests.support.hostile_grpc import service_file
from tests.support.http2_server import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEAD,
    HEADERS,
    Stream,
    field_line,
    http2_server,
)
from tests.support.loop_pauses import measured_pauses
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.hostile_calls import PAUSE_SECONDS, calling_it

TYPES = ConfigMapKeyRef(name="types", key="s.pb")
UNKNOWN = 2

Lines = list[tuple[str, str]]


@pytest.fixture
def described(caller: Caller) -> Caller:
    """A client that has the types of the hostile method in a ConfigMap."""
    data = FileDescriptorSet(file=[service_file()]).SerializeToString()
    caller.config_maps["shop/types"] = {"s.pb": data}
    return caller


def ends_with(lines: Lines, *, reply: bool = True) -> Callable[[Stream], Awaitable[None]]:
    """Return a script that answers with an empty message, or none, and these trailers."""

    async def script(stream: Stream) -> None:
        stream.send(HEADERS, END_HEADERS, HEAD)
        if reply:
            stream.send(DATA, 0, bytes(5))
        block = b"".join(field_line(name, value) for name, value in lines)
        stream.send(HEADERS, END_HEADERS | END_STREAM, block)

    return script


@pytest.mark.parametrize("reply", [True, False], ids=["reply", "no reply"])
@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("grpc-status", "")],
        [("grpc-status", "x")],
        [("grpc-status", "-1")],
        [("grpc-status", "17")],
        [("grpc-status", "99999999999999999999")],
        [("grpc-status", "0x5")],
        [("grpc-status", " 5")],
        [("grpc-message", "no status")],
    ],
    ids=str,
)
async def test_a_status_that_is_none_is_the_servers_fault(
    described: Caller, lines: Lines, reply: bool
) -> None:
    async with http2_server(ends_with(lines, reply=reply)) as server:
        result = await described(calling_it(server.address, ref=TYPES))
    assert result.reason in (Reason.GRPC_ERROR, Reason.CONNECTION_ERROR), result.error
    assert result.code in range(1, 17)
    assert result.error


@pytest.mark.parametrize(
    "message",
    ["%0a%0dFAKE LOG LINE", "%1b[31mred", "%ff%fe%80", "%", "%z", "%00", "%e2%80%ae%41" * 10],
)
async def test_a_message_stays_on_one_line_that_can_be_stored(
    described: Caller, message: str
) -> None:
    lines = [("grpc-status", "5"), ("grpc-message", message)]
    async with http2_server(ends_with(lines)) as server:
        result = await described(calling_it(server.address, ref=TYPES))
    assert (result.reason, result.code) == (Reason.GRPC_ERROR, 5)
    assert len(result.error.splitlines()) == 1
    assert len(result.error.encode()) <= 500


async def test_a_message_that_repeats_a_secret_is_redacted(described: Caller) -> None:
    described.secrets["shop/token"] = {"key": b"the-crown-jewel"}
    lines = [("grpc-status", "5"), ("grpc-message", "you said the-crown%2Djewel, the-crown-je")]
    header = Header(name="x-token", secret_key_ref=SecretKeyRef(name="token", key="key"))
    async with http2_server(ends_with(lines)) as server:
        result = await described(calling_it(server.address, ref=TYPES, metadata=(header,)))
    assert "jewel" not in result.error


async def test_many_trailers_neither_stop_the_loop_nor_pass(described: Caller) -> None:
    lines = [("grpc-status", "0"), *((f"x-{number}-bin", "AAAA") for number in range(1500))]
    async with (
        http2_server(ends_with(lines[:1] + lines[1:100])) as few,
        http2_server(ends_with(lines)) as many,
        measured_pauses() as pauses,
    ):
        assert (await described(calling_it(few.address, ref=TYPES))).ok
        result = await described(calling_it(many.address, ref=TYPES))
    assert (result.reason, result.code) == (Reason.GRPC_ERROR, 8)
    assert pauses.longest < PAUSE_SECONDS

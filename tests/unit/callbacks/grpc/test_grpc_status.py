"""What the end of a gRPC call is called."""

import socket
from contextlib import closing

import grpc
import pytest
from google.protobuf.message import Message

from crontask_core.enums import Reason
from tests.support.grpc_targets import Call, grpc_target
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.grpc_calls import close_orders, eventually_ok


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (grpc.StatusCode.NOT_FOUND, Reason.GRPC_ERROR),
        (grpc.StatusCode.UNAVAILABLE, Reason.GRPC_ERROR),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Reason.GRPC_ERROR),
        (grpc.StatusCode.UNAUTHENTICATED, Reason.GRPC_ERROR),
    ],
)
async def test_a_status_is_told_with_its_details(
    caller: Caller, status: grpc.StatusCode, reason: Reason
) -> None:
    async def refuse(call: Call) -> Message:
        await call.context.abort(status, "the shop is open")
        raise AssertionError("abort raises")

    async with grpc_target(refuse) as server:
        result = await caller(close_orders(server.address))
        assert (result.reason, result.code) == (reason, status.value[0])
        assert result.error == f"{status.name}: the shop is open"


async def test_a_long_status_is_cut(caller: Caller) -> None:
    async def refuse(call: Call) -> Message:
        await call.context.abort(grpc.StatusCode.NOT_FOUND, "x" * 5000)
        raise AssertionError("abort raises")

    async with grpc_target(refuse) as server:
        result = await caller(close_orders(server.address))
        assert result.reason is Reason.GRPC_ERROR
        assert result.error.startswith("NOT_FOUND: xxx")
        assert len(result.error.encode()) <= 500


async def test_nobody_listening_is_a_connection_error(caller: Caller) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        result = await caller(close_orders(f"127.0.0.1:{port}"))
    assert (result.reason, result.code) == (Reason.CONNECTION_ERROR, 14)
    assert "Connection refused" in result.error


async def test_a_server_that_comes_back_is_called_again(caller: Caller) -> None:
    async with grpc_target() as first:
        assert (await caller(close_orders(first.address))).ok
    lost = await caller(close_orders(first.address))
    assert lost.reason is Reason.CONNECTION_ERROR
    async with grpc_target(port=first.port) as second:
        await eventually_ok(caller, close_orders(second.address))

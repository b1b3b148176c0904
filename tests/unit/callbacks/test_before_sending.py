"""A process that is no owner any more sends nothing, however far a call has come."""

import asyncio

import pytest

from crontask_core.spec import GrpcCallback, HttpCallback
from tests.support.grpc_targets import SERVICE, grpc_target
from tests.support.targets import target
from tests.unit.callbacks.calls import Caller, attempt_of


def refuse() -> None:
    """Say that the task is not ours."""
    raise asyncio.CancelledError


async def test_http_asks_when_it_is_connected(caller: Caller) -> None:
    async with target() as server:
        attempt = attempt_of(HttpCallback(url=server.url))
        with pytest.raises(asyncio.CancelledError):
            await caller.client.call(attempt, refuse)
        assert (len(server.requests), server.connections) == (0, 1)
        assert (await caller.client.call(attempt)).ok


async def test_http_asks_again_on_a_connection_that_is_kept(caller: Caller) -> None:
    async with target() as server:
        attempt = attempt_of(HttpCallback(url=server.url))
        assert (await caller.client.call(attempt)).ok
        with pytest.raises(asyncio.CancelledError):
            await caller.client.call(attempt, refuse)
        assert len(server.requests) == 1


async def test_grpc_asks_as_well(caller: Caller) -> None:
    async with grpc_target() as server:
        callback = GrpcCallback(address=server.address, service=SERVICE, method="Close")
        attempt = attempt_of(callback)
        with pytest.raises(asyncio.CancelledError):
            await caller.client.call(attempt, refuse)
        assert server.calls == []
        assert (await caller.client.call(attempt)).ok
        assert len(server.calls) == 1

"""Servers that are asked for their types: how many at a time, for one namespace and for all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace

from crontask_core.tenant import TENANT
from crontask_operator.callbacks.grpc.method_finder import REFLECTIONS
from tests.support.grpc_targets import grpc_target
from tests.support.wait import eventually
from tests.unit.callbacks.calls import Caller, attempt_of, calling
from tests.unit.callbacks.grpc.grpc_calls import close_orders


@dataclass
class Silent:
    """A server at all addresses of loopback that never answers; `asked` counts who asked."""

    port: int = 0
    asked: int = 0


@asynccontextmanager
async def silent_server() -> AsyncIterator[Silent]:
    """Run one."""
    silent = Silent()

    writers: list[asyncio.StreamWriter] = []
    ends: list[asyncio.Event] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.asked += 1
        writers.append(writer)
        end = asyncio.Event()
        ends.append(end)
        with closing(writer), suppress(ConnectionError):
            await reader.read()
        end.set()

    server = await asyncio.start_server(accept, "0.0.0.0", 0)
    async with server:
        silent.port = server.sockets[0].getsockname()[1]
        yield silent
        # grpcio keeps a connection that is being made for a while, whatever is closed.
        for writer in writers:
            writer.transport.abort()
        for end in ends:
            await end.wait()


@asynccontextmanager
async def hanging(
    caller: Caller, silent: Silent, namespaces: list[str], of_each: int
) -> AsyncIterator[Callable[[], int]]:
    """Have calls of namespaces hang, each for another server; give how many are asked."""

    async def hang(namespace: str, number: int) -> None:
        TENANT.set(namespace)
        attempt = attempt_of(close_orders(f"127.0.0.{number}:{silent.port}"))
        await caller.client.call(replace(attempt, namespace=namespace))

    calls = [
        asyncio.create_task(hang(namespace, 1 + number * of_each + each))
        for number, namespace in enumerate(namespaces)
        for each in range(of_each)
    ]
    yield lambda: silent.asked
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_reflections_that_hang_are_bounded_in_all() -> None:
    namespaces = [f"team-{number}" for number in range(20)]
    async with (
        silent_server() as silent,
        calling() as caller,
        hanging(caller, silent, namespaces, 10) as asked,
    ):
        await eventually(lambda: asked() >= REFLECTIONS)
        assert asked() == REFLECTIONS


async def test_reflections_that_hang_keep_no_other_namespace_back() -> None:
    async with (
        silent_server() as silent,
        calling() as caller,
        grpc_target() as server,
        hanging(caller, silent, ["team-a"], 40) as asked,
    ):
        await eventually(lambda: asked() >= REFLECTIONS // 2)
        TENANT.set("team-b")
        attempt = replace(attempt_of(close_orders(server.address)), namespace="team-b")
        assert (await caller.client.call(attempt)).ok
        assert asked() == REFLECTIONS // 2

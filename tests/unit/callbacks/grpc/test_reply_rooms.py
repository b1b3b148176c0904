"""Long gRPC replies in flight: how much is held of them, for one namespace and for all."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.addresses.authorities import Authority
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.grpc.channel_widths import MAX_MESSAGE_BYTES, REFLECTION_SERVICES
from crontask_operator.callbacks.grpc.channels import Target
from crontask_operator.callbacks.grpc.reply_rooms import NARROW_BYTES, ReplyRooms
from tests.support.grpc_targets import Call, grpc_target
from tests.support.hostile_grpc import service_file
from tests.support.memory import grown_bytes, resident_bytes
from tests.support.stalling_grpc import Size, StallingServer, stalling_server
from tests.support.wait import eventually
from tests.unit.callbacks.calls import attempt_of, calling
from tests.unit.callbacks.grpc.grpc_calls import close_orders
from tests.unit.callbacks.grpc.hostile_calls import calling_it
from tests.unit.callbacks.test_memory import peak_bytes

MIB = 1024 * 1024
CAP = MAX_MESSAGE_BYTES
"""With it a namespace has room for one long reply at a time."""
LONG = "x" * (NARROW_BYTES + 1)
TARGET = Target(Authority("shop.example", 443), ("127.0.0.1",), None)
NAMESPACES = ["team-a"] * 1000 + [f"team-{each}" for each in "bcdef" for _ in range(100)]
WIDE_AT_ONCE = 4

Start = Callable[[str, int], Coroutine[None, None, CallResult]]


async def test_a_hanging_call_keeps_no_short_reply_back_and_a_long_one_for_once() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(call: Call) -> Message:
        shop = getattr(call.request, "shop_name", "")
        if shop == "hang":
            arrived.set()
            await go_on.wait()
        return call.reply(note=LONG if shop == "long" else "short")

    async with (
        calling(cap=CAP) as caller,
        grpc_target(answer) as server,
        grpc_target() as other,
    ):

        def call(shop: str) -> Coroutine[None, None, CallResult]:
            return caller(close_orders(server.address, f'{{"shopName": "{shop}"}}'))

        hanging = asyncio.create_task(call("hang"))
        await arrived.wait()
        for _ in range(3):
            assert (await call("short")).ok
        refused = await call("long")
        assert (refused.reason, refused.code) == (Reason.GRPC_ERROR, 8)
        assert "it has more than 16 KiB, and the room for longer ones is used up" in refused.error
        waiting = asyncio.create_task(call("long"))
        assert (await caller(close_orders(other.address))).ok
        assert [getattr(each.request, "shop_name", "") for each in server.calls].count("long") == 1
        go_on.set()
        for result in (await waiting, await hanging, await call("long")):
            assert result.ok, result.error


async def test_a_reply_that_is_longer_than_the_widest_channel_is_told() -> None:
    async def answer(call: Call) -> Message:
        return call.reply(note="x" * (MIB + 1))

    async with calling(cap=MIB) as caller, grpc_target(answer) as server:
        result = await caller(close_orders(server.address))
    assert (result.reason, result.code) == (Reason.GRPC_ERROR, 8)
    assert f"larger than max ({MIB + 5} vs. {MIB})" in result.error


async def test_a_namespace_has_its_share_of_the_room() -> None:
    rooms = ReplyRooms(MAX_MESSAGE_BYTES)
    async with (
        rooms.room("team-a", TARGET, "/S/Do") as first,
        rooms.room("team-a", TARGET, "/S/Do") as second,
        rooms.room("team-b", TARGET, "/S/Do") as other,
    ):
        assert [each.narrow for each in (first, second, other)] == [False, True, False]


@pytest.mark.parametrize("service", REFLECTION_SERVICES)
async def test_no_spec_gets_the_room_of_reflection(service: str) -> None:
    path = f"/{service}/ServerReflectionInfo"
    async with ReplyRooms(MIB).room("team-a", TARGET, path) as used:
        assert used.narrow


@asynccontextmanager
async def _stalling(size: Size) -> AsyncIterator[tuple[StallingServer, Start]]:
    """Give a server whose replies do not end, and what calls it for a namespace."""
    types = FileDescriptorSet(file=[service_file()]).SerializeToString()
    async with calling(cap=MIB) as caller, stalling_server(size) as server:
        callback = calling_it(server.address, ref=ConfigMapKeyRef(name="types", key="s.pb"))

        def start(namespace: str, seconds: int) -> Coroutine[None, None, CallResult]:
            caller.config_maps[f"{namespace}/types"] = {"s.pb": types}
            attempt = attempt_of(callback, timeout_seconds=seconds)
            TENANT.set(namespace)
            return caller.client.call(replace(attempt, namespace=namespace))

        yield server, start


async def _hang_long(namespaces: list[str]) -> None:
    async with _stalling(lambda _: MIB - 5) as (_, start):
        before = resident_bytes()
        calls = [asyncio.create_task(start(name, 3)) for name in namespaces]
        results = await asyncio.gather(*calls)
        assert {result.reason for result in results} <= {Reason.TIMEOUT, Reason.GRPC_ERROR}
        assert peak_bytes() - before < 256 * MIB


def hang_long_replies() -> None:
    """Have 600 calls of six namespaces in flight, of a server that sends each 1 MiB."""
    asyncio.run(_hang_long(["team-a"] * 450 + [f"team-{each}" for each in "bcdef" * 30]))


async def _hang(namespaces: list[str]) -> None:
    first = [name for name in sorted(set(namespaces)) for _ in range(WIDE_AT_ONCE)]

    def size(call: int) -> int:
        return (MIB if call <= len(first) else NARROW_BYTES) - 5

    rest = list(namespaces)
    for name in first:
        rest.remove(name)
    async with _stalling(size) as (server, start):
        before = resident_bytes()
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(start(name, 60)) for name in first]
            await _all_sent(server, len(first))
            calls += [group.create_task(start(name, 60)) for name in rest]
            await _all_sent(server, len(namespaces))
            assert [each.result() for each in calls if each.done()] == []
            grown = resident_bytes() - before
            for each in calls:
                each.cancel()
    assert grown < 192 * MIB


async def _all_sent(server: StallingServer, calls: int) -> None:
    """Wait until the server has sent all that it will."""
    await eventually(lambda: server.calls == calls and not server.unsent, timeout=60)


def hang_by_the_thousand() -> None:
    """Have 1,500 calls of six namespaces in flight whose replies do not end."""
    asyncio.run(_hang(NAMESPACES))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("work", [hang_long_replies, hang_by_the_thousand])
def test_replies_that_do_not_end_take_a_bounded_memory(work: Callable[[], None]) -> None:
    assert grown_bytes(work) < 256 * MIB

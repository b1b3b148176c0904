"""Channels in use: each namespace has its share of what their certificates take."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from crontask_core.tenant import TENANT
from crontask_operator.callbacks.addresses.authorities import Authority
from crontask_operator.callbacks.answer_memory import SHARES
from crontask_operator.callbacks.connection.tls import BYTES_A_CHARACTER, LONGEST_PEM, TlsPolicy
from crontask_operator.callbacks.grpc.channels import (
    IN_USE_BYTES,
    TLS_BYTES,
    ChannelPool,
    Target,
)
from tests.support.targets import Certificates

AT_ONCE = IN_USE_BYTES // SHARES // (TLS_BYTES + BYTES_A_CHARACTER * LONGEST_PEM)


def target(authority: Certificates, number: int) -> Target:
    """Return one of several targets with as much text of certificates as may be."""
    pem = authority.ca_pem.rjust(LONGEST_PEM, "#")
    return Target(Authority("shop.example", number), ("127.0.0.1",), TlsPolicy(pem))


async def use(
    pool: ChannelPool, namespace: str, target: Target, begun: asyncio.Event, end: asyncio.Event
) -> None:
    """Use a channel until a test says so."""
    TENANT.set(namespace)
    async with pool.channel(target):
        begun.set()
        await end.wait()


@pytest.fixture
async def pool() -> ChannelPool:
    """A pool without channels."""
    return ChannelPool(user_agent="agent")


async def test_a_namespace_waits_for_its_own_channels_alone(
    pool: ChannelPool, authority: Certificates
) -> None:
    ends = [asyncio.Event() for _ in range(AT_ONCE + 1)]
    begun = [asyncio.Event() for _ in ends]
    async with asyncio.timeout(30), AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        stack.push_async_callback(pool.close)
        for number, (begin, end) in enumerate(zip(begun, ends, strict=True)):
            group.create_task(use(pool, "team-a", target(authority, number + 1), begin, end))
        for each in begun[:-1]:
            await each.wait()
        # What is open already costs nothing more.
        end, again, other = asyncio.Event(), asyncio.Event(), asyncio.Event()
        group.create_task(use(pool, "team-a", target(authority, 1), again, end))
        group.create_task(use(pool, "team-b", target(authority, 1), other, end))
        await again.wait()
        await other.wait()
        end.set()
        assert not begun[-1].is_set()
        ends[1].set()
        await begun[-1].wait()
        for each in ends:
            each.set()


async def test_who_gives_up_waiting_takes_no_room(
    pool: ChannelPool, authority: Certificates
) -> None:
    targets = [target(authority, number + 1) for number in range(AT_ONCE + 2)]
    async with AsyncExitStack() as stack:
        TENANT.set("team-a")
        for each in targets[:AT_ONCE]:
            await stack.enter_async_context(pool.channel(each))
        for each in targets[AT_ONCE:]:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01), pool.channel(each):
                    pass
    async with asyncio.timeout(30), AsyncExitStack() as stack:
        for each in targets[-AT_ONCE:]:
            await stack.enter_async_context(pool.channel(each))
    await pool.close()

"""What the protocol relies on: held against the fake store and against the API server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crontask_kube.errors import ConflictError, NotFoundError
from crontask_operator.ownership.record import LeaseKind, LeaseRecord
from crontask_operator.ownership.store import Change, LeaseStore

NOON = datetime(2030, 1, 1, 12, 0, 0, 500000, tzinfo=UTC)
FREE = LeaseRecord("crontask-operator-0", LeaseKind.SHARD, duration_seconds=15, shards=2)
MEMBER = LeaseRecord("crontask-operator-member-a", LeaseKind.MEMBER, duration_seconds=15)


def held(record: LeaseRecord, holder: str = "a", second: int = 1) -> LeaseRecord:
    return record.claimed(holder, seconds=15, shards=2, now=NOON.replace(second=second))


async def what_is_written_is_read(store: LeaseStore) -> None:
    free = await store.create(FREE)
    taken = await store.update(held(free))

    assert (await store.read(FREE.name)) == taken
    assert replace(taken, resource_version="") == replace(held(free), resource_version="")
    assert int(taken.resource_version) > int(free.resource_version)


async def a_release_is_written(store: LeaseStore) -> None:
    taken = await store.update(held(await store.create(FREE)))
    released = await store.update(taken.released("4711"))

    assert (released.holder, released.flushed_through) == ("", "4711")
    assert released.renew_time == taken.renew_time


async def a_whole_second_can_be_written(store: LeaseStore) -> None:
    whole = held(await store.create(FREE)).claimed(
        "a", seconds=15, shards=2, now=NOON.replace(microsecond=0)
    )

    assert (await store.update(whole)).holder == "a"


async def of_two_creators_one_wins(store: LeaseStore) -> None:
    await store.create(FREE)
    with pytest.raises(ConflictError):
        await store.create(FREE)


async def of_two_writers_of_one_version_one_wins(store: LeaseStore) -> None:
    free = await store.create(FREE)
    await store.update(held(free, "a"))
    with pytest.raises(ConflictError):
        await store.update(held(free, "b"))

    assert (await store.read(FREE.name)).holder == "a"


async def a_write_that_changes_nothing_makes_no_version(store: LeaseStore) -> None:
    taken = await store.update(held(await store.create(FREE)))

    assert await store.update(taken) == taken


async def what_is_gone_is_not_written(store: LeaseStore) -> None:
    free = await store.create(FREE)
    await store.delete(free)

    with pytest.raises(NotFoundError):
        await store.read(FREE.name)
    with pytest.raises(NotFoundError):
        await store.update(held(free))
    with pytest.raises(NotFoundError):
        await store.delete(free)


async def what_was_created_anew_is_not_written_by_the_old_version(store: LeaseStore) -> None:
    old = await store.create(FREE)
    await store.delete(old)
    await store.create(FREE)

    with pytest.raises(ConflictError):
        await store.update(held(old))


async def only_the_version_that_was_seen_is_deleted(store: LeaseStore) -> None:
    free = await store.create(FREE)
    await store.update(held(free))
    with pytest.raises(ConflictError):
        await store.delete(free)


async def a_watch_goes_on_where_a_listing_ended(store: LeaseStore) -> None:
    member = await store.create(MEMBER)
    listing = await store.list_all()
    assert listing.records == (member,)

    free = await store.create(FREE)
    taken = await store.update(held(free))
    await store.delete(taken)
    async with asyncio.timeout(10), aclosing(store.watch(listing.resource_version)) as changes:
        seen = [await anext(changes) for _ in range(3)]

    assert seen[:2] == [Change(free), Change(taken)]
    assert (seen[2].deleted, seen[2].record.name) == (True, FREE.name)
    assert int(seen[2].record.resource_version) > int(taken.resource_version)


CONTRACT: list[Callable[[LeaseStore], Awaitable[None]]] = [
    what_is_written_is_read,
    a_release_is_written,
    a_whole_second_can_be_written,
    of_two_creators_one_wins,
    of_two_writers_of_one_version_one_wins,
    a_write_that_changes_nothing_makes_no_version,
    what_is_gone_is_not_written,
    what_was_created_anew_is_not_written_by_the_old_version,
    only_the_version_that_was_seen_is_deleted,
    a_watch_goes_on_where_a_listing_ended,
]

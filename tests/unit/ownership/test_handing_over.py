"""Shards change hands in order: drained, flushed, released, taken at once."""

import asyncio
from dataclasses import replace

import pytest

from crontask_operator.ownership.record import LeaseKind, LeaseRecord, shard_name
from tests.unit.ownership.world import SETTINGS, Replica, World, run_virtually


def loads(world: World) -> list[int]:
    """Return how many shards each living replica owns, most first."""
    return sorted((len(replica.owned()) for replica in world.living()), reverse=True)


def test_a_release_tells_the_successor_what_was_flushed() -> None:
    async def story() -> None:
        world = World()
        owner = world.start("a")
        await world.watch(10)
        successor = world.start("b")
        await world.watch(10)
        await owner.keeper.leave()
        await owner.keeper.release(0, "4711")

        assert not owner.keeper.owns(0)
        await world.watch(0.5)
        assert successor.told == ["acquired 0 4711"]
        assert owner.told == ["acquired 0"], "a shard that was released was not lost"
        await world.end()

    run_virtually(story())


def test_after_a_crash_nothing_is_known_of_what_was_flushed() -> None:
    async def story() -> None:
        world = World()
        first = world.start("a")
        await world.watch(10)
        await first.stop()
        second = world.start("b")
        await world.watch(10)
        await second.kill()
        third = world.start("c")
        await world.watch(20)
        assert second.told == ["acquired 0 final"]
        assert third.told == ["acquired 0"]
        await world.end()

    run_virtually(story())


def test_a_release_waits_for_the_renewal_under_way_and_is_the_last_word() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a")
        await world.watch(4.9)
        replica.link.delay = lambda: 0.5
        await asyncio.sleep(0.6)
        assert replica.link.requests[-1] == f"update {shard_name(0)}"

        await replica.keeper.leave()
        release = asyncio.create_task(replica.keeper.release(0, "4711"))
        await asyncio.sleep(0)
        assert not replica.keeper.owns(0)
        await release
        lease = world.server.read(shard_name(0))
        assert (lease.holder, lease.flushed_through) == ("", "4711")
        await world.watch(30)
        assert world.server.holders(1) == [""]
        await world.end()

    run_virtually(story())


@pytest.mark.parametrize("turns", range(6))
def test_a_renewal_that_is_due_with_the_release_does_not_follow_it(turns: int) -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a")

        async def stop_when_the_second_renewal_is_due() -> None:
            await asyncio.sleep(2 * SETTINGS.renew_seconds)
            # Which of the two comes first within that moment is a matter of single turns
            # of the event loop.
            for _ in range(turns):
                await asyncio.sleep(0)
            await replica.stop()

        stopping = asyncio.create_task(stop_when_the_second_renewal_is_due())
        await world.watch(1.5 * SETTINGS.renew_seconds)
        await replica.keeper.leave()
        await stopping
        await world.end()
        assert world.server.holders(1) == [""]

    run_virtually(story())


def test_a_release_without_an_api_server_ends_with_the_lease() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a")
        await world.watch(6)
        replica.link.cut()
        begin = asyncio.get_running_loop().time()
        await replica.keeper.release_all("4711")

        assert replica.keeper.held == frozenset()
        took = asyncio.get_running_loop().time() - begin
        assert took <= SETTINGS.duration_seconds + 2 * SETTINGS.request_timeout_seconds
        await world.end()

    run_virtually(story())


def test_a_release_is_repeated_when_somebody_else_touched_the_lease() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a")
        await world.watch(6)
        # As a person who annotates it, and the watch has not told of it yet.
        world.server.update(replace(world.server.read(shard_name(0)), shards=0))
        await replica.keeper.release_all("4711")

        assert world.server.read(shard_name(0)).flushed_through == "4711"
        assert world.server.holders(1) == [""]
        await world.end()

    run_virtually(story())


def test_a_replica_that_leaves_takes_nothing_more_but_keeps_what_it_has() -> None:
    async def story() -> None:
        world = World()
        leaving = world.start("a", shards=2)
        await world.watch(10)
        await leaving.keeper.leave()
        assert world.server.members() == set()
        await world.watch(60)
        assert leaving.owned() == {0, 1}

        await leaving.keeper.release(0, "1")
        await world.watch(60)
        assert leaving.owned() == {1}
        await world.end()

    run_virtually(story())


def test_a_newcomer_gets_its_share_once_it_renewed() -> None:
    async def story() -> None:
        world = World()
        first = world.start("a", shards=16)
        await world.watch(20)
        world.start("b", shards=16)
        await world.watch(4)
        assert loads(world) == [16, 0]
        await world.watch(3)
        assert loads(world) == [8, 8]

        world.start("c", shards=16)
        await world.watch(8)
        assert loads(world) == [6, 5, 5]
        drained = [event for event in first.told if event.startswith("drain")]
        assert len(drained) == 10

        await first.stop()
        await world.watch(0.5)
        assert loads(world) == [8, 8]
        await world.end()

    run_virtually(story())


def test_what_is_handed_back_is_not_fired_while_it_is_flushed_and_not_taken_before() -> None:
    async def story() -> None:
        world = World()
        giver = world.start("a", shards=2, flush_seconds=lambda: 30.0)
        await world.watch(10)
        taker = world.start("b", shards=2)
        await world.watch(20)
        (drained,) = {int(event.split()[1]) for event in giver.told if "drain" in event}
        assert giver.owned() == {0, 1} - {drained}
        assert giver.keeper.held == {0, 1}
        assert taker.owned() == set()

        await world.watch(20)
        assert taker.told == [f"acquired {drained} flushed-{drained}"]
        assert giver.keeper.held == {0, 1} - {drained}
        await world.end()

    run_virtually(story())


def test_one_that_crashes_as_soon_as_it_starts_attracts_nothing() -> None:
    async def story() -> None:
        world = World()
        steady = world.start("a", shards=4)
        await world.watch(10)
        for _ in range(10):
            crashing = world.start("b", shards=4)
            await world.watch(4)
            await crashing.kill()
            await world.watch(3)
            assert steady.owned() == {0, 1, 2, 3}
        assert steady.told == [f"acquired {event.split()[1]}" for event in steady.told]
        await world.end()

    run_virtually(story())


def test_the_shards_of_one_that_died_are_shared_by_those_who_live() -> None:
    async def story() -> None:
        world = World()
        replicas = [world.start(name, shards=16) for name in "abc"]
        await world.watch(30)
        assert loads(world) == [6, 5, 5]
        await replicas[1].kill()
        await world.watch(SETTINGS.duration_seconds + 0.5)
        assert loads(world) == [8, 8]
        await world.end()

    run_virtually(story())


def test_shards_nobody_reaches_for_are_taken_beyond_the_share() -> None:
    async def story() -> None:
        world = World()
        first = world.start("a", shards=2)
        await world.watch(1)
        await first.stop()
        # One that takes part for a long time, and for some reason takes nothing.
        idle = LeaseRecord("idle", LeaseKind.MEMBER, "idle", duration_seconds=999, shards=2)
        world.server.create(idle)

        second = world.start("b", shards=2)
        await world.watch(0.5)
        assert len(second.owned()) == 1
        await world.watch(SETTINGS.grace_seconds)
        assert len(second.owned()) == 2
        await world.end()

    run_virtually(story())


def test_the_memberships_of_the_dead_are_swept() -> None:
    async def story() -> None:
        world = World()
        dead, living = world.start("a"), world.start("b")
        await world.watch(10)
        await dead.kill()
        await world.watch(SETTINGS.duration_seconds * 2 - 6)
        assert world.server.members() == {dead.keeper.identity, living.keeper.identity}
        await world.watch(12)
        assert world.server.members() == {living.keeper.identity}
        await world.end()

    run_virtually(story())


def test_one_that_was_swept_by_mistake_is_back_when_it_wakes() -> None:
    async def story() -> None:
        world = World()
        sleeper: Replica = world.start("a", shards=2)
        world.start("b", shards=2)
        await world.watch(10)
        sleeper.link.cut()
        await world.watch(60)
        assert len(world.server.members()) == 1
        sleeper.link.mend()
        await world.watch(12)
        assert len(world.server.members()) == 2
        assert loads(world) == [1, 1]
        await world.end()

    run_virtually(story())

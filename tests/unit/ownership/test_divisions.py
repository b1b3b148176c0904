"""While the number of shards changes, two divisions of the tasks never run side by side."""

from tests.unit.ownership.world import SETTINGS, World, run_virtually


def test_a_rollout_from_one_shard_to_sixteen_waits_for_the_last_old_owner() -> None:
    async def story() -> None:
        world = World()
        old, old_standby = world.start("old"), world.start("old-standby")
        await world.watch(10)
        new = [world.start(name, shards=16) for name in ("new-1", "new-2")]
        await world.watch(60)
        assert old.owned() | old_standby.owned() == {0}

        await old_standby.stop()
        await old.stop()
        await world.watch(0.5)
        assert new[0].owned() | new[1].owned() == set(range(16))
        await world.end()

    run_virtually(story())


def test_a_crash_in_the_rollout_is_waited_for() -> None:
    async def story() -> None:
        world = World()
        old = world.start("old", shards=16)
        await world.watch(10)
        new = world.start("new", shards=4)
        await old.kill()
        await world.watch(SETTINGS.duration_seconds - 5)
        assert new.owned() == set()
        await world.watch(6)
        assert new.owned() == {0, 1, 2, 3}
        await world.end()

    run_virtually(story())


def test_of_two_divisions_that_begin_at_the_same_moment_one_gives_way() -> None:
    async def story() -> None:
        world = World()
        one, other = world.start("one", shards=2), world.start("other", shards=3)
        await world.watch(30)
        assert sorted([len(one.owned()), len(other.owned())]) in ([0, 2], [0, 3])
        await world.end()

    run_virtually(story())


def test_members_of_another_division_are_not_counted() -> None:
    async def story() -> None:
        world = World()
        serving = [world.start(name, shards=4) for name in "ab"]
        await world.watch(20)
        world.start("c", shards=3)
        await world.watch(30)
        assert sorted(len(replica.owned()) for replica in serving) == [2, 2]
        await world.end()

    run_virtually(story())

"""A replica that does not see the tasks owns no shard."""

from tests.unit.ownership.world import SETTINGS, World, run_virtually


def test_a_replica_that_does_not_see_the_tasks_yet_is_in_nobodys_way() -> None:
    async def story() -> None:
        world = World()
        blind = world.start("blind", sees=False)
        await world.watch(20)
        assert blind.owned() == set()
        assert world.server.members() == set()

        seeing = world.start("seeing")
        await world.watch(2)
        assert seeing.owned() == {0}
        await world.end()

    run_virtually(story())


def test_it_takes_part_as_soon_as_it_sees() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", sees=False)
        await world.watch(20)
        replica.sees = True
        replica.keeper.look_again()
        await world.watch(0.1)
        assert replica.owned() == {0}
        await world.end()

    run_virtually(story())


def test_a_replica_that_sees_no_more_hands_its_shards_to_one_that_does() -> None:
    async def story() -> None:
        world = World()
        owner, standby = world.start("a"), world.start("b")
        await world.watch(2 * SETTINGS.renew_seconds)
        assert owner.owned() == {0}

        owner.sees = False
        owner.keeper.look_again()
        await world.watch(SETTINGS.duration_seconds - 1)
        assert owner.owned() == {0}
        await world.watch(3)
        assert (owner.owned(), standby.owned()) == (set(), {0})
        assert owner.told == ["acquired 0", "drain 0"]
        await world.end()

    run_virtually(story())


def test_an_outage_for_leases_and_tasks_alike_is_no_reason_to_hand_over() -> None:
    async def story() -> None:
        world = World()
        owner = world.start("a")
        world.start("b")
        await world.watch(12)
        owner.link.cut()
        owner.sees = False
        await world.watch(120)
        world.latest("b").link.cut()
        owner.link.mend()
        # The leases are seen again a little sooner than the tasks.
        await world.watch(5)
        owner.sees = True
        owner.keeper.look_again()
        await world.watch(60)
        assert "drain 0" not in owner.told
        await world.end()

    run_virtually(story())


def test_a_sole_replica_goes_on_when_it_sees_again() -> None:
    async def story() -> None:
        world = World()
        owner = world.start("a")
        await world.watch(12)
        owner.sees = False
        owner.keeper.look_again()
        await world.watch(60)
        assert owner.owned() == set()

        owner.sees = True
        owner.keeper.look_again()
        await world.watch(2)
        assert owner.owned() == {0}
        await world.end()

    run_virtually(story())

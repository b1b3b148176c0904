"""Namespaces that may not be read any more: nothing of them fires until it is seen again."""

import asyncio

import pytest

from tests.unit.engine.world import Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_what_is_out_of_sight_does_not_fire_and_all_else_does(world: World) -> None:
    world.api.create("seen", namespace="team-a", schedule="*/10 * * * * *")
    world.api.create("hidden", namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(15)
        engine.hide("team-b")
        await world.until(35)
    assert world.targets.times("hidden") == ["Scheduled 1 at 10"]
    assert world.targets.times("seen") == [f"Scheduled 1 at {at}" for at in (10, 20, 30)]


async def test_it_goes_on_when_it_is_seen_again(world: World) -> None:
    world.api.create(namespace="team-b", schedule="*/10 * * * * *", missedRunPolicy="Latest")
    async with world.operator() as engine:
        await world.until(15)
        engine.hide("team-b")
        await world.until(45)
        engine.observe(world.api.objects["task"])
        await world.until(55)
    assert world.targets.times() == [f"Scheduled 1 at {at}" for at in (10, 45, 50)]
    assert world.api.status()["counters"]["succeeded"] == 3


async def test_it_goes_on_once_it_may_be_read_again(world: World) -> None:
    for name in ("same", "deleted"):
        world.api.create(name, namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(15)
        engine.hide("team-b")
        await world.until(25)
        # The watch has not shown the deletion yet.
        del world.api.objects["deleted"]
        await engine.reveal("team-b")
        await world.until(45)
    assert world.targets.times("same") == [f"Scheduled 1 at {at}" for at in (10, 25, 30, 40)]
    assert world.targets.times("deleted") == ["Scheduled 1 at 10"]


async def test_what_changed_while_it_was_hidden_is_shown_first(world: World) -> None:
    world.api.create(namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(15)
        engine.hide("team-b")
        metadata = world.api.objects["task"]["metadata"]
        metadata["resourceVersion"] = "900"
        await engine.reveal("team-b")
        await world.until(35)
        assert world.targets.times() == ["Scheduled 1 at 10"]
        engine.observe(world.api.objects["task"])
        await world.until(45)
    assert world.targets.times() == [f"Scheduled 1 at {at}" for at in (10, 35, 40)]


async def test_a_shard_that_came_meanwhile_has_them_too(world: World) -> None:
    world.api.create(namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(15)
        engine.on_lost(0)
        world.api.hidden = "team-b"
        engine.on_acquired(0, "")
        await world.until(35)
        assert world.targets.times() == ["Scheduled 1 at 10"]
        world.api.hidden = ""
        await engine.reveal("team-b")
        await world.until(45)
    assert world.targets.times()[-1] == "Scheduled 1 at 40"


async def test_all_may_be_hidden_and_revealed(world: World) -> None:
    world.api.create(namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        engine.hide(None)
        await world.until(15)
        assert world.targets.times() == []
        await engine.reveal(None)
        await world.until(25)
    assert world.targets.times() == ["Scheduled 1 at 15", "Scheduled 1 at 20"]


async def test_a_listing_that_fails_is_tried_again(world: World) -> None:
    world.api.create(namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(5)
        engine.hide("team-b")
        world.api.away = True
        revealed = asyncio.create_task(engine.reveal("team-b"))
        await world.until(15)
        world.api.away = False
        assert world.targets.times() == []
        await revealed
        assert not revealed.cancelled()
        await world.until(25)
    assert world.targets.times()[-1] == "Scheduled 1 at 20"


async def test_one_that_is_not_seen_again_stays_silent_whatever_the_lease_does(
    world: World,
) -> None:
    world.api.create("deleted", namespace="team-b", schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(15)
        engine.hide("team-b")
        del world.api.objects["deleted"]
        engine.on_lost(0)
        engine.on_acquired(0, "")
        await world.until(35)
    assert world.targets.times("deleted") == ["Scheduled 1 at 10"]


async def test_what_waits_to_be_called_or_tried_again_stays_as_well(world: World) -> None:
    world.settings = world.settings.model_copy(update={"call_limit": 1})
    world.api.create("first", namespace="team-a", at="2026-03-01T12:00:05Z")
    world.api.create("second", namespace="team-b", at="2026-03-01T12:00:06Z")
    world.targets.answers["first"] = [Answer(seconds=10)]
    async with world.operator() as engine:
        await world.until(10)
        engine.hide("team-b")
        await world.until(20)
        assert world.targets.times("second") == []
        engine.observe(world.api.objects["second"])
        await world.until(25)
    assert world.targets.times("second") == ["Scheduled 1 at 20"]

"""A shard that comes is served once its view is known to be as new as its coming."""

import asyncio

import pytest

from crontask_operator.engine.view_check import CHECK_SECONDS, PAUSE_SECONDS, SHOWN_SECONDS
from crontask_operator.process.metrics import REGISTRY
from tests.unit.engine.world import FAIL, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_10 = "*/10 * * * * *"


def handed_back() -> float:
    return REGISTRY.get_sample_value("crontask_shards_handed_back_total") or 0


async def test_what_a_dead_watch_does_not_show_is_read(world: World) -> None:
    for name in ("edited", "recorded", "deleted", "untouched"):
        world.api.create(name, schedule=EVERY_10)
    async with (
        world.operator() as first,
        world.operator(acquired=False) as second,
    ):
        await world.until(5)
        world.api.listeners.remove(second.observe)
        await world.until(9)
        world.api.change("edited", suspend=True)
        del world.api.objects["deleted"]
        first.forget("uid-deleted")
        await world.until(10.5)
        second.on_acquired(0, await first.drain([0], 5))
        await world.until(19)
        assert world.api.runs("recorded") == ["Scheduled 1 Succeeded"]
        await world.until(25)
        world.api.listeners.append(second.observe)
    assert world.targets.times("recorded") == ["Scheduled 1 at 10", "Scheduled 1 at 20"]
    assert world.targets.times("untouched") == ["Scheduled 1 at 10", "Scheduled 1 at 20"]
    assert world.targets.times("edited") == world.targets.times("deleted") == []


async def test_a_watch_that_comes_back_brings_nothing_back_that_is_gone(world: World) -> None:
    late: list[dict[str, object]] = []
    async with world.operator(acquired=False) as engine:
        world.api.create("gone", schedule=EVERY_10)
        await world.until(1)
        world.api.listeners[:] = [late.append]
        world.api.change("gone", historyLimit=9)
        world.api.create("came and went", schedule=EVERY_10)
        world.api.create("new", schedule=EVERY_10)
        world.api.change("new", historyLimit=9)
        await world.until(10.1)
        del world.api.objects["gone"], world.api.objects["came and went"]
        engine.on_acquired(0, "")
        await world.until(12)
        # What the watch shows of the new one at first is behind as well.
        for event in late:
            engine.observe(event)
            await asyncio.sleep(0.1)
        world.api.listeners[:] = [engine.observe]
        await world.until(15)
    assert world.targets.times("gone") == world.targets.times("came and went") == []
    assert len(world.targets.times("new")) == 1
    assert world.targets.calls[0][1].spec.history_limit == 9


async def test_what_is_confirmed_waits_for_nothing_that_is_not(world: World) -> None:
    world.api.create("behind", schedule=EVERY_10)
    world.api.create("shown", schedule=EVERY_10)
    async with world.operator(acquired=False) as engine:
        await world.until(5)
        world.api.listeners.remove(engine.observe)
        world.api.change("behind", historyLimit=9)
        world.api.listeners.append(engine.observe)
        await world.until(10.2)
        engine.on_acquired(0, "")
        await world.until(15)
    assert world.targets.times("shown") == ["Scheduled 1 at 10.2"]
    (call,) = world.targets.times("behind")
    assert 10.2 + SHOWN_SECONDS <= float(call.split()[-1]) < 11


async def test_an_older_event_does_not_undo_what_was_read(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    async with world.operator(acquired=False) as engine:
        await world.until(1)
        stale: list[dict[str, object]] = []
        world.api.listeners[:] = [stale.append]
        world.api.change(historyLimit=9)
        world.api.change(suspend=True)
        await world.until(2)
        engine.on_acquired(0, "")
        await world.until(5)
        # The watch works again, and shows everything in its order.
        for event in stale:
            engine.observe(event)
            await world.until(world.clock.now().second + 6)
        world.api.listeners[:] = [engine.observe]
    assert world.targets.times() == []


async def test_a_shard_whose_tasks_cannot_be_listed_is_handed_back(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    before = handed_back()
    world.api.lists = False
    async with world.operator():
        await world.until(CHECK_SECONDS - 1)
        assert world.handed_back == []
        await world.until(CHECK_SECONDS + 10)
    assert (world.handed_back, handed_back() - before) == ([0], 1)
    assert world.targets.calls == []


async def test_an_api_server_that_comes_back_in_time_is_asked_again(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    world.api.away = True
    async with world.operator():
        await world.until(5)
        world.api.away = False
        await world.until(15)
    assert world.targets.times() == ["Scheduled 1 at 10"]
    assert world.handed_back == []


async def test_a_listing_from_before_a_shard_came_does_not_confirm_it(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    world.api.lists = False
    async with world.operator() as engine:
        await world.until(3)
        engine.on_lost(0)
        engine.on_acquired(0, "")
        await world.until(CHECK_SECONDS + 5)
        # What it waited for concerned a shard that was lost.
        assert world.handed_back == []
        world.api.lists = True
        await world.until(2 * CHECK_SECONDS + 5)
    assert world.handed_back == [0]


async def test_after_a_pause_nothing_fires_that_was_suspended_or_deleted_meanwhile(
    world: World,
) -> None:
    for name in ("suspended", "deleted", "kept"):
        world.api.create(name, schedule=EVERY_10)
    async with world.operator() as engine:
        await world.until(5)
        # It sleeps: the watch shows nothing, and the moment passes.
        world.api.listeners.remove(engine.observe)
        world.api.change("suspended", suspend=True)
        del world.api.objects["deleted"]
        await world.until(9.9)
        engine.doubt([0])
        await world.until(15)
        world.api.listeners.append(engine.observe)
    assert world.targets.times("suspended") == world.targets.times("deleted") == []
    assert world.targets.times("kept") == ["Scheduled 1 at 10"]


async def test_what_had_not_begun_before_a_pause_does_not_begin_after_a_suspension(
    world: World,
) -> None:
    world.settings = world.settings.model_copy(update={"call_limit": 1, "namespace_share": 1})
    world.api.create("hangs", schedule=EVERY_10)
    world.targets.answers["hangs"] = [Answer(seconds=8)]
    world.api.create("waits", schedule=EVERY_10)
    async with world.operator() as engine:
        await world.until(11)
        engine.doubt([0])
        world.api.change("waits", suspend=True)
        await world.until(29)
    assert world.targets.times("waits") == []
    assert world.api.status("waits")["counters"]["missed"] == 1


async def test_after_a_pause_an_owner_goes_on_from_an_old_view_in_the_end(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    async with world.operator() as engine:
        await world.until(9)
        world.api.lists = False
        engine.doubt([0])
        await world.until(9 + PAUSE_SECONDS - 0.1)
        assert world.targets.calls == []
        await world.until(15)
    assert world.targets.times() == [f"Scheduled 1 at {9 + PAUSE_SECONDS:g}"]
    assert world.handed_back == []


async def test_a_hand_over_during_a_check_serves_nothing(world: World) -> None:
    world.api.create(schedule=EVERY_10)
    world.api.lists = False
    async with world.operator() as engine:
        await world.until(5)
        await engine.drain([0], 5)
        world.api.lists = True
        await asyncio.sleep(20)
    assert world.targets.calls == []
    assert world.handed_back == []


async def test_a_hand_over_right_after_a_pause_leaves_what_is_under_way_in_the_status(
    world: World,
) -> None:
    world.api.create(schedule=EVERY_10, retry={"delaysSeconds": [20]})
    world.targets.answers["task"] = [Answer(FAIL, seconds=2), Answer()]
    async with world.operator() as engine:
        await world.until(11)
        world.api.lists = False
        engine.doubt([0])
        await world.until(11.5)
        await engine.drain([0], 5)
    assert world.api.runs() == ["Scheduled 1 Failed"]
    assert len(world.api.status()["pendingRetries"]) == 1

"""Several runs of one task that are due at once."""

from typing import Any

import pytest

from tests.unit.engine.world import FAIL, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"


@pytest.mark.parametrize(
    ("policy", "skipped"),
    [
        pytest.param("Allow", 0, id="ten at a time"),
        # The last of the backlog are under way when the next moments come.
        pytest.param("Forbid", 3, id="one at a time"),
    ],
)
async def test_a_backlog_waits_for_its_turn(world: World, policy: str, skipped: int) -> None:
    world.api.create(
        schedule=EVERY_SECOND, missedRunPolicy="All", concurrencyPolicy=policy, historyLimit=100
    )
    async with world.operator():
        await world.until(5.5)
    await world.until(60.5)
    async with world.operator():
        await world.until(70.5)
    scheduled = [call.scheduled_time for _, call in world.targets.calls]
    assert scheduled == sorted(set(scheduled))
    assert len(scheduled) == 70 - skipped
    counters = world.api.status()["counters"]
    assert (counters["succeeded"], counters["missed"]) == (70 - skipped, 0)
    assert counters["skipped"] == skipped


@pytest.mark.parametrize(("policy", "at_once"), [("Allow", 10), ("Forbid", 1)])
async def test_a_backlog_keeps_to_the_concurrency_policy(
    world: World, policy: str, at_once: int
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All", concurrencyPolicy=policy)
    world.targets.answers["task"] = [Answer(seconds=600)]
    async with world.operator():
        await world.until(0.5)
    await world.until(30.5)
    async with world.operator():
        await world.until(30.9)
        assert len(world.targets.calls) == at_once


async def test_a_backlog_waits_for_retries_as_well(world: World) -> None:
    world.api.create(
        schedule="0 * * * * *",
        missedRunPolicy="All",
        concurrencyPolicy="Forbid",
        retry={"delaysSeconds": [10]},
    )
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(1)
    await world.until(150)
    async with world.operator():
        await world.until(170)
    assert world.targets.times() == [
        "CatchUp 1 at 150", "Retry 2 at 160.05", "CatchUp 1 at 160.1",
    ]  # fmt: skip


async def test_a_backlog_that_waits_survives_a_crash(world: World) -> None:
    world.api.create(
        schedule=EVERY_SECOND, missedRunPolicy="All", concurrencyPolicy="Forbid", historyLimit=100
    )
    world.targets.answers["task"] = [Answer(seconds=2), Answer()]
    async with world.operator():
        await world.until(0.5)
    await world.until(30.5)
    async with world.operator():
        await world.until(32)
        assert len(world.api.status()["active"]) == 30
    async with world.operator():
        await world.until(36.9)
    scheduled = [call.scheduled_time.second for _, call in world.targets.calls]
    assert scheduled[:2] == [1, 1]
    assert scheduled[1:31] == list(range(1, 31))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"suspend": True}, id="suspended"),
        pytest.param({"schedule": "0 0 * * *"}, id="another schedule"),
    ],
)
async def test_a_backlog_that_waits_is_given_up_by_an_edit(
    world: World, change: dict[str, Any]
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(seconds=2)]
    async with world.operator():
        await world.until(0.5)
    await world.until(20.5)
    async with world.operator():
        await world.until(20.6)
        world.api.change(**change)
        await world.until(40)
    assert world.targets.times() == ["CatchUp 1 at 20.5"]
    assert world.api.status()["counters"]["missed"] == 19
    assert world.api.status()["active"] == []


async def test_a_backlog_that_waits_is_given_up_by_an_edit_after_a_hand_over(world: World) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(seconds=2)]
    async with world.operator():
        await world.until(0.5)
    await world.until(20.5)
    async with world.operator():
        await world.until(20.6)
    async with world.operator():
        await world.until(30)
        begun = {call.scheduled_time.second for _, call in world.targets.calls}
        world.api.change(suspend=True)
        await world.until(60)
    assert begun < set(range(1, 21))
    assert {call.scheduled_time.second for _, call in world.targets.calls} == begun
    assert world.api.status()["active"] == []
    assert world.api.status()["counters"]["missed"] == 20 - len(begun)

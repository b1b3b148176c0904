"""How far the watch is behind, by the echoes of status writes."""

import logging

import pytest

from crontask_operator.engine.watch_lag import WatchLag
from tests.support.wait import eventually
from tests.unit.callbacks.calls import Clock
from tests.unit.engine.world import World


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lag(clock: Clock) -> WatchLag:
    return WatchLag(clock)


def test_it_is_the_time_from_a_write_to_its_event(lag: WatchLag, clock: Clock) -> None:
    lag.written("101", shown="90")
    lag.shown("100")
    clock.now += 1.5
    assert lag.seconds == 1.5, "what does not come is behind as well"
    lag.shown("102")
    clock.now += 7
    assert lag.seconds == 1.5


def test_one_write_is_waited_for_at_a_time(lag: WatchLag, clock: Clock) -> None:
    lag.written("101", shown="90")
    clock.now += 1
    lag.written("102", shown="90")
    lag.shown("101")
    assert lag.seconds == 1


def test_an_event_may_be_faster_than_the_answer(lag: WatchLag, clock: Clock) -> None:
    lag.written("101", shown="90")
    clock.now += 3
    lag.shown("101")
    lag.written("102", shown="102")
    assert lag.seconds == 0


def test_a_long_one_is_told_from_time_to_time(
    lag: WatchLag, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for version in range(101, 121):
        lag.written(str(version), shown="90")
        clock.now += 2.5
        lag.shown(str(version))
    assert [record.getMessage() for record in caplog.records] == [
        "The watch is 2.5 s behind: edits, suspensions and deletions take effect as late."
    ] * 2


@pytest.mark.asyncio
@pytest.mark.looptime
async def test_the_operator_measures_it(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(5)
        # The watch shows nothing more, so the write of the run at 10 is waited for.
        listeners = list(world.api.listeners)
        world.api.listeners.clear()
        await world.until(15)
        _, behind = engine.gauges["crontask_watch_behind_seconds"]
        first = behind()
        assert first > 0
        # The first write took some real time as well, and that stands until this takes longer.
        await eventually(lambda: behind() > first, describe="it to grow while nothing is shown")
        engine.observe(world.api.objects["task"])
        assert behind() == behind() > first
        world.api.listeners.extend(listeners)

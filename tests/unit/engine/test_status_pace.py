"""That the rate of status writes follows what the API server shows of itself."""

import asyncio

import pytest

from crontask_operator.engine.status_pace import FIRST_RATE, LEAST_RATE, MOST_RATE, StatusPace

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def write_for(pace: StatusPace, seconds: float, latency: float) -> None:
    """Have writes take so long for so many seconds."""
    for _ in range(int(seconds / 0.1)):
        await asyncio.sleep(0.1)
        pace.note(latency, accepted=True)


async def test_it_grows_while_writes_are_quick() -> None:
    pace = StatusPace()
    await write_for(pace, 60, 0.004)
    assert pace.rate == MOST_RATE


async def test_it_shrinks_when_they_take_several_times_as_long() -> None:
    pace = StatusPace()
    await write_for(pace, 5, 0.004)
    before = pace.rate
    await write_for(pace, 3.5, 0.2)
    assert pace.rate <= before / 4
    await write_for(pace, 30, 0.2)
    assert pace.rate == LEAST_RATE


async def test_it_comes_back_with_the_api_server() -> None:
    pace = StatusPace()
    await write_for(pace, 5, 0.004)
    await write_for(pace, 20, 0.2)
    await write_for(pace, 30, 0.004)
    assert pace.rate > FIRST_RATE


async def test_one_that_is_far_away_is_no_slow_one() -> None:
    pace = StatusPace()
    await write_for(pace, 20, 0.2)
    assert pace.rate > FIRST_RATE


async def test_one_that_moved_away_is_found_to_be_at_ease_in_the_end() -> None:
    pace = StatusPace()
    await write_for(pace, 5, 0.02)
    await write_for(pace, 10, 0.2)
    assert pace.rate < FIRST_RATE
    await write_for(pace, 120, 0.2)
    assert pace.rate > FIRST_RATE


async def test_writes_that_are_not_made_halve_it() -> None:
    pace = StatusPace()
    pace.note(1.0, accepted=False)
    assert pace.rate == FIRST_RATE / 2
    for _ in range(20):
        pace.note(1.0, accepted=False)
    assert pace.rate == LEAST_RATE


async def crowd(pace: StatusPace, seconds: float, latency: float, number: int) -> None:
    """Have so many writes in flight at a time, each of which takes so long."""

    async def one() -> None:
        begun = pace.begin()
        await asyncio.sleep(latency)
        pace.end(begun, accepted=True)

    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await asyncio.gather(*(one() for _ in range(number)))


async def test_one_that_had_too_much_to_do_from_the_start_is_not_far_away() -> None:
    pace = StatusPace()
    await crowd(pace, 10, 0.4, 32)
    assert pace.rate == LEAST_RATE
    await crowd(pace, 30, 0.006, 2)
    assert pace.rate > FIRST_RATE
    await crowd(pace, 10, 0.4, 32)
    assert pace.rate < FIRST_RATE / 4


async def test_many_quick_writes_at_a_time_are_quick() -> None:
    pace = StatusPace()
    await crowd(pace, 10, 0.01, 32)
    assert pace.rate > FIRST_RATE


async def test_a_write_beside_which_many_began_says_nothing_of_the_best() -> None:
    pace = StatusPace()
    await crowd(pace, 3, 0.006, 1)
    begun = pace.begin()
    await crowd(pace, 0.9, 0.3, 32)
    pace.end(begun, accepted=True)
    await crowd(pace, 20, 0.2, 32)
    assert pace.rate < FIRST_RATE


async def test_a_write_that_was_refused_for_itself_says_nothing() -> None:
    pace = StatusPace()
    for _ in range(20):
        pace.end(pace.begin(), accepted=None)
    assert pace.rate == FIRST_RATE

"""A call has a slot while it is our work, and is slow after a second."""

import asyncio
import itertools

import pytest

from crontask_core.constants import STARTED_RECORD_SECONDS
from crontask_operator.engine.burst import BUSY_SLOT_SECONDS, SLOT_SECONDS, STALL_SECONDS
from crontask_operator.engine.slots import Slots

pytestmark = pytest.mark.looptime


class Call:
    """A call in flight."""

    started: float | None = None
    has_slot = False


class Scene:
    """Two slots, and what they told."""

    def __init__(self) -> None:
        self.busy_share = 0.1
        self.freed: list[float] = []
        self.slow: list[tuple[Call, float]] = []
        self.slots: Slots[Call] = Slots(
            2,
            on_free=lambda: self.freed.append(self.now()),
            on_slow=lambda call: self.slow.append((call, self.now())),
            cpu_seconds=lambda: self.busy_share * self.now(),
        )

    def now(self) -> float:
        return round(asyncio.get_running_loop().time(), 6)

    def start(self) -> Call:
        call = Call()
        self.slots.take(call)
        return call


async def test_a_call_that_ends_early_gives_its_slot_back_and_tells_nothing() -> None:
    scene = Scene()
    call = scene.start()
    assert scene.slots.free == 1
    await asyncio.sleep(SLOT_SECONDS / 2)
    scene.slots.leave(call)
    assert scene.slots.free == 2
    await asyncio.sleep(10)
    assert (scene.slots.free, scene.freed, scene.slow) == (2, [], [])


async def test_a_call_that_waits_gives_its_slot_up_and_becomes_slow() -> None:
    scene = Scene()
    begin = scene.now()
    call = scene.start()
    await asyncio.sleep(SLOT_SECONDS)
    assert (scene.slots.free, call.has_slot) == (2, False)
    await asyncio.sleep(10)
    assert scene.freed == [begin + SLOT_SECONDS]
    assert scene.slow == [(call, begin + STARTED_RECORD_SECONDS)]
    scene.slots.leave(call)
    assert scene.slots.free == 2


async def test_one_that_ends_while_it_waits_is_not_slow() -> None:
    scene = Scene()
    call = scene.start()
    await asyncio.sleep(STARTED_RECORD_SECONDS / 2)
    scene.slots.leave(call)
    await asyncio.sleep(10)
    assert (scene.slots.free, scene.slow) == (2, [])


async def test_a_call_that_starts_while_others_wait_is_looked_at_in_time() -> None:
    scene = Scene()
    scene.start()
    await asyncio.sleep(STARTED_RECORD_SECONDS / 2)
    begin = scene.now()
    scene.start()
    await asyncio.sleep(10)
    assert scene.freed[-1] == pytest.approx(begin + SLOT_SECONDS)
    assert scene.slow[-1][1] == pytest.approx(begin + STARTED_RECORD_SECONDS)


async def test_a_call_that_starts_again_begins_anew() -> None:
    scene = Scene()
    call = scene.start()
    await asyncio.sleep(STARTED_RECORD_SECONDS - 0.1)
    scene.slots.leave(call)
    begin = scene.now()
    scene.slots.take(call)
    await asyncio.sleep(10)
    assert [moment for _, moment in scene.slow] == [pytest.approx(begin + STARTED_RECORD_SECONDS)]
    assert scene.slots.free == 2


async def test_what_takes_a_slot_that_came_free_is_followed_as_well() -> None:
    scene = Scene()
    waiting = [Call() for _ in range(6)]
    begin = scene.now()

    def start_more() -> None:
        scene.freed.append(scene.now())
        for call in itertools.islice(waiting, scene.slots.free):
            scene.slots.take(call)
        del waiting[:2]

    scene.slots._on_free = start_more
    start_more()
    await asyncio.sleep(10)
    # Each pair is seen to stand still at the second look.
    steps = [begin + 2 * STALL_SECONDS * number for number in range(4)]
    assert scene.freed == [pytest.approx(step) for step in steps]
    assert len(scene.slow) == 6


async def test_slots_are_kept_for_their_time_while_calls_end() -> None:
    scene = Scene()
    begin = scene.now()
    other, _ = scene.start(), scene.start()
    while not scene.freed:
        await asyncio.sleep(STALL_SECONDS / 2)
        scene.slots.leave(other)
        scene.slots.take(other)
    assert scene.freed == [pytest.approx(begin + SLOT_SECONDS, abs=STALL_SECONDS)]


async def test_slots_are_kept_longer_while_we_are_busy() -> None:
    scene = Scene()
    scene.busy_share = 0.9
    begin = scene.now()
    scene.start()
    scene.start()
    await asyncio.sleep(1)
    assert scene.freed == [pytest.approx(begin + BUSY_SLOT_SECONDS, abs=STALL_SECONDS)]


async def test_a_rest_before_does_not_make_us_idle() -> None:
    scene = Scene()
    scene.busy_share = 0.0
    await asyncio.sleep(100)
    begin = scene.now()
    scene.start()
    scene.slots._cpu_seconds = lambda: scene.now() - begin
    await asyncio.sleep(1)
    assert scene.freed == [pytest.approx(begin + BUSY_SLOT_SECONDS, abs=STALL_SECONDS)]


async def test_standing_still_matters_only_when_all_slots_are_taken() -> None:
    scene = Scene()
    begin = scene.now()
    scene.start()
    await asyncio.sleep(1)
    assert scene.freed == [begin + SLOT_SECONDS]


async def test_the_last_slot_is_looked_at_soon_however_old_the_others_are() -> None:
    scene = Scene()
    scene.start()
    await asyncio.sleep(SLOT_SECONDS / 3)
    begin = scene.now()
    scene.start()
    await asyncio.sleep(1)
    assert scene.freed == [pytest.approx(begin + 2 * STALL_SECONDS)]

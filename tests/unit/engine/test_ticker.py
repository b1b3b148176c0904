"""The heap and the timer."""

import asyncio
import math
import random
from datetime import timedelta

import pytest

from crontask_operator.engine.burst import SLICE
from crontask_operator.engine.ticker import Ticker
from tests.unit.engine.world import START, LoopClock

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


class Story:
    """A ticker, and whom it called when."""

    def __init__(self) -> None:
        self.clock = LoopClock(START)
        self.clock.now()
        self.called: list[tuple[str, float]] = []
        self.ticker = Ticker(self.clock, self.on_due)

    def on_due(self, uid: str) -> None:
        self.called.append((uid, (self.clock.now() - START).total_seconds()))

    def at(self, uid: str, seconds: float | None) -> None:
        moment = None if seconds is None else START + timedelta(seconds=seconds)
        self.ticker.schedule(uid, moment)


async def test_each_is_called_once_at_its_moment() -> None:
    story = Story()
    for uid, seconds in [("c", 300), ("a", 1), ("b", 45)]:
        story.at(uid, seconds)
    await asyncio.sleep(1000)
    assert story.called == [("a", 1), ("b", 45), ("c", 300)]
    assert len(story.ticker) == 0


async def test_the_last_word_counts() -> None:
    story = Story()
    story.at("sooner", 100)
    story.at("sooner", 10)
    story.at("later", 5)
    story.at("later", 50)
    story.at("never", 7)
    story.at("never", None)
    await asyncio.sleep(1000)
    assert story.called == [("sooner", 10), ("later", 50)]


async def test_a_moment_that_has_passed_is_now() -> None:
    story = Story()
    story.at("a", -5)
    assert story.called == []
    await asyncio.sleep(0.1)
    assert story.called == [("a", 0)]


async def test_an_empty_ticker_takes_new_entries() -> None:
    story = Story()
    story.at("a", 1)
    await asyncio.sleep(5)
    story.at("b", 10)
    await asyncio.sleep(100)
    assert story.called == [("a", 1), ("b", 10)]


async def test_a_burst_is_handled_in_slices_that_let_others_run() -> None:
    story = Story()
    for number in range(3 * SLICE):
        story.at(f"task-{number}", -1)
    sizes: list[int] = []
    while len(story.called) < 3 * SLICE:
        await asyncio.sleep(0)
        sizes.append(len(story.called))
    assert sizes == [SLICE, 2 * SLICE, 3 * SLICE]


async def test_a_fault_in_one_does_not_stop_the_clock() -> None:
    story = Story()
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))

    def on_due(uid: str) -> None:
        story.on_due(uid)
        if uid == "broken":
            raise RuntimeError("a fault")

    story.ticker = Ticker(story.clock, on_due)
    story.at("broken", 1)
    story.at("same moment", 1)
    story.at("later", 2)
    await asyncio.sleep(10)
    assert [uid for uid, _ in story.called] == ["broken", "same moment", "later"]
    assert len(faults) == 1


async def test_a_clock_that_is_set_forward_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.at("a", 3600)
    await asyncio.sleep(10)
    before = story.clock.now
    monkeypatch.setattr(story.clock, "now", lambda: before() + timedelta(hours=2))
    await asyncio.sleep(31)
    assert [uid for uid, _ in story.called] == ["a"]


async def test_rescheduling_for_ever_does_not_grow_the_heap() -> None:
    story = Story()
    for number in range(10_000):
        story.at("a", 100 + number)
    assert len(story.ticker._heap) < 2 * SLICE
    await asyncio.sleep(20_000)
    assert story.called == [("a", 10_099)]


async def test_it_tells_who_comes_soon() -> None:
    story = Story()
    numbers = random.Random(7)  # noqa: S311 - the same in every run
    seconds = {f"task-{number}": numbers.uniform(0, 100) for number in range(500)}
    for uid, moment in seconds.items():
        # Most are moved once, so that the heap has stale entries too.
        story.at(uid, numbers.uniform(0, 100))
        story.at(uid, moment)
    story.at("never", 5)
    story.at("never", None)
    coming = list(story.ticker.coming(20))
    assert sorted(coming) == sorted(uid for uid, moment in seconds.items() if moment <= 20)


async def test_it_tells_how_long_nothing_is_due() -> None:
    story = Story()
    assert story.ticker.seconds_left() == math.inf
    story.at("later", 50)
    story.at("sooner", 20)
    await asyncio.sleep(5)
    assert story.ticker.seconds_left() == pytest.approx(15)
    story.at("now", 5)
    assert story.ticker.seconds_left() == 0


async def test_one_due_task_waits_for_no_namespace_with_thousands() -> None:
    story = Story()
    story.ticker = Ticker(story.clock, story.on_due, lambda uid: uid.partition("-")[0])
    for number in range(5000):
        story.at(f"many-{number}", 1)
    story.at("one", 1)
    await asyncio.sleep(2)
    order = [uid for uid, _ in story.called]
    assert order.index("one") < 10 * SLICE
    assert len(set(order)) == len(order) == 5001
    assert order.index("many-0") < order.index("many-4999")


async def test_the_first_is_called_before_all_that_is_due_is_found() -> None:
    story = Story()
    found: list[str] = []
    found_before: list[int] = []

    def tenant_of(uid: str) -> str:
        found.append(uid)
        return "team"

    story.ticker = Ticker(story.clock, lambda _: found_before.append(len(found)), tenant_of)
    for number in range(5000):
        story.at(f"task-{number}", 1)
    await asyncio.sleep(2)
    assert found_before[0] <= SLICE
    assert len(found_before) == 5000


async def test_one_that_is_due_and_waits_for_its_turn_may_still_be_moved_or_forgotten() -> None:
    story = Story()
    for number in range(3 * SLICE):
        story.at(f"many-{number}", 1)
    story.at("moved", 1)
    story.at("forgotten", 1)

    def on_due(uid: str) -> None:
        story.on_due(uid)
        if uid == "many-0":
            story.at("moved", 5)
            story.at("forgotten", None)

    story.ticker._on_due = on_due
    await asyncio.sleep(10)
    called = dict(story.called)
    assert called["moved"] == 5
    assert "forgotten" not in called
    assert len(story.called) == 3 * SLICE + 1

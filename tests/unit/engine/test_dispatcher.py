"""Starting calls goes before reporting how others ended, but not for long."""

import asyncio
import logging

import pytest

from crontask_core.enums import Reason, RunType
from crontask_core.spec import parse_spec
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.engine.burst import REPORT_SECONDS
from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.engine.job_listener import JobListener
from crontask_operator.task.state import Job, TaskState
from tests.support.crontasks import task
from tests.unit.engine.world import START, LoopClock

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

SPEC = parse_spec(task())


def job(number: int) -> Job:
    """Return the only job of a task called by `number`."""
    name = str(number)
    state = TaskState(uid=name, namespace="default", name=name, shard=0, created=START)
    attempt = Attempt("default", name, name, SPEC, name, RunType.SCHEDULED, 1, START)
    return Job(state, attempt, begin=START)


class Scene(JobListener):
    """Two slots, targets that take `seconds`, and what happened in order."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.clock = LoopClock(START)
        self.clock.now()
        self.told: list[str] = []
        self.late: list[float] = []
        self.broken: set[str] = set()
        self.dispatcher = Dispatcher(self, self.clock, self, slots=2, limit=100)

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Answer after a while."""
        self.told.append(f"sent {attempt.name}")
        await asyncio.sleep(self.seconds)
        return CallResult(Reason.OK)

    def prepare(self, attempt: Attempt) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    def may_start(self, job: Job) -> bool:
        """Say yes."""
        return True

    def on_slow(self, job: Job) -> None:
        """Do nothing."""

    def on_finished(self, job: Job) -> None:
        """Take note."""
        assert job.ended is not None
        self.late.append((self.clock.now() - job.ended).total_seconds())
        self.told.append(f"ended {job.attempt.name}")
        if job.attempt.name in self.broken:
            raise RuntimeError("a fault of ours")


async def test_all_that_is_due_is_sent_before_the_first_end_is_reported() -> None:
    scene = Scene(seconds=0.001)
    for number in range(10):
        scene.dispatcher.submit(job(number))
    await asyncio.sleep(1)
    assert scene.told[:10] == [f"sent {n}" for n in range(10)]
    # Two end at one instant, in any order.
    assert sorted(scene.told[10:]) == [f"ended {n}" for n in range(10)]


async def test_under_lasting_load_an_end_is_reported_in_time() -> None:
    scene = Scene(seconds=0.01)
    for number in range(1000):
        scene.dispatcher.submit(job(number))
    await asyncio.sleep(2)
    assert scene.dispatcher.waiting > 0
    assert len(scene.late) > 50
    assert REPORT_SECONDS / 2 < max(scene.late) <= REPORT_SECONDS + 0.011
    await scene.dispatcher.drain(lambda _: True, 10)


async def test_a_hand_over_reports_what_has_ended() -> None:
    scene = Scene(seconds=0.001)
    for number in range(400):
        scene.dispatcher.submit(job(number))
    await asyncio.sleep(0.0905)
    assert not any(text.startswith("ended") for text in scene.told)
    await scene.dispatcher.drain(lambda _: True, 10)
    ended = [text for text in scene.told if text.startswith("ended")]
    assert len(ended) == len(scene.told) - len(ended) > 100


async def test_what_has_ended_is_reported_before_the_rest_is_broken_off() -> None:
    scene = Scene(seconds=0.001)
    scene.broken.add("1")
    for number in range(400):
        scene.dispatcher.submit(job(number))
    await asyncio.sleep(0.0505)
    assert not any(text.startswith("ended") for text in scene.told)
    scene.dispatcher.break_off()
    ended = [text for text in scene.told if text.startswith("ended")]
    assert len(ended) > 50
    assert "ended 2" in ended, "a fault in one keeps no other from being told"
    await scene.dispatcher.drain(lambda _: True, 10)


async def test_a_fault_in_one_end_keeps_no_other_from_being_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene(seconds=0.001)
    scene.broken.add("1")
    for number in range(4):
        scene.dispatcher.submit(job(number))
    with caplog.at_level(logging.ERROR):
        await asyncio.sleep(1)
    assert scene.told[-4:] == ["ended 0", "ended 1", "ended 2", "ended 3"]
    assert "A call's end was not handled." in caplog.text


async def test_a_call_that_is_cancelled_before_it_began_leaves_its_place() -> None:
    scene = Scene(seconds=0.001)
    early = [job(number) for number in range(2)]
    for each in early:
        scene.dispatcher.submit(each)
    await asyncio.sleep(0)
    assert scene.dispatcher.in_flight == 2
    for each in early:
        scene.dispatcher.cancel(each, Reason.CANCELLED)
    assert scene.dispatcher.in_flight == 0
    scene.dispatcher.submit(job(3))
    await asyncio.sleep(1)
    assert sorted(scene.told) == ["ended 0", "ended 1", "ended 3", "sent 3"]

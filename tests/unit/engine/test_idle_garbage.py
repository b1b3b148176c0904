"""Garbage is looked for in quiet moments, and found in the end."""

import asyncio
import gc
import math
import weakref
from collections.abc import Iterator

import pytest

from crontask_operator.engine.idle_work import (
    FEW_TASKS,
    PATIENCE_SECONDS,
    TIDY_SECONDS,
    IdleWork,
)
from crontask_operator.task.state import TaskState


class Cycle:
    """An object that only the garbage collector can free."""

    def __init__(self) -> None:
        self.itself = self


class Story:
    """Idle work, and the engine that it sees."""

    def __init__(self) -> None:
        self.now = 0.0
        self.quiet = math.inf
        self.tasks = 0
        self.idle = IdleWork(self, lambda _: None, clock=lambda: self.now)

    def __len__(self) -> int:
        return self.tasks

    def quiet_seconds(self) -> float:
        return self.quiet

    def coming(self, seconds: float) -> list[TaskState]:
        return []

    def tidies(self) -> bool:
        """Whether a look finds garbage that is old enough to be frozen."""
        found = weakref.ref(Cycle())
        gc.freeze()
        self.idle.tidy_if_due()
        return found() is None


@pytest.fixture(autouse=True)
def _python_as_it_was() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_tidied_without_a_reason(story: Story) -> None:
    assert not story.tidies()


def test_after_a_time_even_what_was_frozen_is_found(story: Story) -> None:
    story.now = TIDY_SECONDS
    assert story.tidies()
    assert gc.get_freeze_count() > 0
    assert not story.tidies()


def test_many_new_tasks_are_a_reason_once_all_are_there(story: Story) -> None:
    story.tasks = FEW_TASKS
    assert not story.tidies()
    story.tasks = FEW_TASKS + 1
    assert not story.tidies(), "more may be on their way"
    assert story.tidies()
    assert not story.tidies()


def test_it_waits_for_a_quiet_moment_but_not_for_ever(story: Story) -> None:
    story.quiet = 0.0
    story.now = TIDY_SECONDS
    assert not story.tidies()
    story.now += PATIENCE_SECONDS - 1
    assert not story.tidies()
    story.now += 1
    assert story.tidies()


async def test_it_leaves_python_as_it_was() -> None:
    before = gc.get_threshold()
    working = asyncio.create_task(Story().idle.run())
    await asyncio.sleep(0)
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() != before
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0

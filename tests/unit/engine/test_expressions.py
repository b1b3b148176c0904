"""A task's regular expression takes memory from its first use to its end."""

from collections.abc import Iterator

import pytest

from crontask_core.expressions import EXPRESSIONS
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MINE = "expressions"
"""A namespace of these stories alone, for what is kept is the process's."""


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    assert EXPRESSIONS.bytes_of(MINE) == 0


async def test_that_of_a_suspended_task_takes_none_and_is_judged(world: World) -> None:
    world.api.create(
        namespace=MINE, schedule="* * * * * *", suspend=True, expect={"bodyRegex": "fine"}
    )
    world.api.create(
        "wrong", namespace=MINE, schedule="* * * * *", suspend=True, expect={"bodyRegex": "("}
    )
    async with world.operator():
        await world.until(2)
        assert EXPRESSIONS.bytes_of(MINE) == 0
        assert world.api.status("wrong")["phase"] == "Invalid"


async def test_that_of_a_deleted_task_is_freed(world: World) -> None:
    world.api.create(namespace=MINE, schedule="* * * * * *", expect={"bodyRegex": "fine"})
    async with world.operator() as engine:
        await world.until(2)
        assert EXPRESSIONS.bytes_of(MINE) > 0
        engine.forget("uid-task")
        assert EXPRESSIONS.bytes_of(MINE) == 0


async def test_that_of_an_earlier_spec_is_freed(world: World) -> None:
    world.api.create(namespace=MINE, schedule="* * * * * *", expect={"bodyRegex": "fine"})
    async with world.operator() as engine:
        await world.until(2)
        world.api.change(expect={"bodyRegex": ""})
        await world.until(3)
        assert EXPRESSIONS.bytes_of(MINE) == 0
        engine.forget("uid-task")

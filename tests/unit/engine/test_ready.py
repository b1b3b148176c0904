"""Ready and Stalled tell tools that know no CronTask whether a task is as it was meant to be."""

from typing import Any

import pytest

from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MOMENT = "2026-03-01T12:00:05Z"
RUNS_NEVER_SOON = "0 0 1 1 *"


def conditions(world: World) -> dict[str, dict[str, Any]]:
    return {condition["type"]: condition for condition in world.api.status()["conditions"]}


def told(world: World) -> dict[str, tuple[str, str]]:
    """Return status and reason of the conditions for tools, by type."""
    return {
        kind: (condition["status"], condition["reason"])
        for kind, condition in conditions(world).items()
        if kind in ("Ready", "Stalled")
    }


async def test_a_task_that_no_operator_has_seen_is_not_ready(world: World) -> None:
    world.api.create(schedule=RUNS_NEVER_SOON)
    assert told(world) == {"Ready": ("Unknown", "Pending")}
    assert world.api.status()["observedGeneration"] < 1


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"schedule": RUNS_NEVER_SOON}, {"Ready": ("True", "Active")}, id="an active one"
        ),
        pytest.param(
            {"schedule": RUNS_NEVER_SOON, "suspend": True}, {"Ready": ("True", "Suspended")},
            id="a suspended one",
        ),
        pytest.param(
            {"schedule": "61 * * * *"},
            {"Ready": ("False", "InvalidSchedule"), "Stalled": ("True", "InvalidSchedule")},
            id="an invalid one",
        ),
        pytest.param(
            {"schedule": "61 * * * *", "suspend": True},
            {"Ready": ("False", "InvalidSchedule"), "Stalled": ("True", "InvalidSchedule")},
            id="an invalid one that is suspended",
        ),
        pytest.param({"at": MOMENT}, {"Ready": ("True", "Succeeded")}, id="one that ran once"),
        pytest.param(
            {"at": MOMENT, "callback": {"http": {"url": "http://target.example/failing"}}},
            {"Ready": ("False", "Failed"), "Stalled": ("True", "Failed")},
            id="one whose only run failed",
        ),
    ],
)  # fmt: skip
async def test_a_task_is_ready_while_it_is_as_it_was_meant_to_be(
    world: World, spec: dict[str, Any], expected: dict[str, tuple[str, str]]
) -> None:
    world.targets.answers["task"] = [Answer(FAIL if "callback" in spec else OK)]
    world.api.create(**spec)
    async with world.operator():
        await world.until(10)
    assert told(world) == expected
    assert conditions(world)["Ready"]["observedGeneration"] == 1


async def test_what_is_wrong_is_told_where_tools_look_for_it(world: World) -> None:
    world.api.create(schedule="61 * * * *")
    async with world.operator():
        await world.until(1)
    messages = {kind: condition["message"] for kind, condition in conditions(world).items()}
    assert messages == dict.fromkeys(("Accepted", "Ready", "Stalled"), messages["Accepted"])
    assert "61" in messages["Stalled"]


async def test_a_repair_ends_the_stall(world: World) -> None:
    world.api.create(schedule="61 * * * *")
    async with world.operator():
        await world.until(5)
        world.api.change(schedule=RUNS_NEVER_SOON)
        await world.until(10)
    assert told(world) == {"Ready": ("True", "Active")}
    assert conditions(world)["Ready"]["observedGeneration"] == 2
    assert conditions(world)["Ready"]["lastTransitionTime"].startswith("2026-03-01T12:00:05")


async def test_another_moment_ends_the_stall_of_a_failure(world: World) -> None:
    world.api.create(at=MOMENT)
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(10)
        world.api.change(at="2026-03-01T12:01:00Z")
        await world.until(15)
    assert told(world) == {"Ready": ("True", "Active")}


async def test_runs_change_nothing_of_it_and_cost_one_write_each(world: World) -> None:
    world.api.create(schedule="* * * * * *")
    world.targets.answers["task"] = [Answer(OK), Answer(FAIL)] * 5
    async with world.operator():
        await world.until(0.5)
        before, writes = conditions(world)["Ready"], world.api.writes
        await world.until(10.5)
    assert world.api.status()["counters"]["failed"] >= 5
    assert conditions(world)["Ready"] == before
    assert world.api.writes - writes == 10


async def test_a_finished_task_that_was_invalid_for_a_while_is_finished_again(
    world: World,
) -> None:
    world.api.create(at=MOMENT)
    async with world.operator():
        await world.until(10)
        world.api.change(expect={"bodyRegex": "("})
        await world.until(15)
        assert world.api.status()["phase"] == "Invalid"
        world.api.change(expect=None)
        await world.until(20)
    assert world.api.status()["phase"] == "Succeeded"
    assert told(world) == {"Ready": ("True", "Succeeded")}

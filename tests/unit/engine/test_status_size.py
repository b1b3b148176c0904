"""No spec, no target and no client makes a status larger than a bound."""

import json
from typing import Any

import pytest

from crontask_core.constants import MAX_CATCH_UP_RUNS
from crontask_core.enums import Reason
from crontask_operator.callbacks.base import CallResult
from crontask_operator.task.run_history import MAX_BYTES
from tests.unit.engine.world import Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MOST = MAX_BYTES + 128 * 1024
"""Bytes of a status as the operator writes it: its records, and everything else."""

NOISE = "\x00\U000e0001" * 100_000
"""Characters that JSON writes as six bytes and as four."""

LONG = "http://target.example/" + "\U000e0001" * 2000

FLOOD = CallResult(Reason.UNEXPECTED_STATUS, code=500, response=NOISE, error=NOISE)


def size(status: dict[str, Any]) -> int:
    return len(json.dumps(status, separators=(",", ":"), ensure_ascii=False).encode())


def hostile(world: World, url: str = LONG, **spec: Any) -> None:
    world.settings = world.settings.model_copy(update={"record_body_bytes": 16 * 1024})
    # What is told of is not what etcd refuses but what the operator does of itself.
    world.api.max_bytes = 100_000_000
    http = {"url": url, "body": NOISE[:20_000]}
    world.api.create(callback={"http": http}, historyLimit=100, **spec)


async def test_a_hundred_records_of_noise(world: World) -> None:
    hostile(world, url="http://target.example/", schedule="* * * * * *")
    world.targets.answers["task"] = [Answer(FLOOD)]
    async with world.operator():
        await world.until(60.5)
        status = world.api.status()
        assert size(status) <= MOST
        texts = ["body" in run for run in status["runs"]]
        assert texts[0]
        assert texts == sorted(texts, reverse=True), "the oldest lose their texts first"
        assert len(texts) == 60


async def test_a_hundred_records_of_long_urls(world: World) -> None:
    hostile(world, schedule="* * * * * *")
    world.targets.answers["task"] = [Answer(FLOOD)]
    async with world.operator():
        await world.until(100)
    assert size(world.api.status()) <= MOST
    assert len(world.api.status()["runs"]) > 40


async def test_everything_under_way_that_can_be(world: World) -> None:
    hostile(
        world,
        schedule="* * * * * *",
        missedRunPolicy="All",
        timeoutSeconds=3600,
        retry={"delaysSeconds": [3600] * 20},
    )
    world.targets.answers["task"] = [Answer(FLOOD, seconds=2), Answer(FLOOD, seconds=3600)]
    await world.until(400)
    async with world.operator():
        for number in range(50):
            world.api.request_run("task", NOISE[: 1000 + number])
            await world.until(402 + number / 10)
        await world.until(420)
        status = world.api.status()
        assert len(status["active"]) + len(status["pendingRetries"]) > MAX_CATCH_UP_RUNS / 2
        assert size(status) <= MOST


async def test_conditions_repeat_little_of_what_they_tell(world: World) -> None:
    hostile(world, at="2026-03-01T12:00:05Z")
    world.targets.answers["task"] = [Answer(FLOOD)]
    world.api.create("wrong", schedule="* * * * *", expect={"bodyRegex": "(" + NOISE[:4000]})
    async with world.operator():
        await world.until(10)
        assert world.api.status()["phase"] == "Failed"
        assert world.api.status("wrong")["phase"] == "Invalid"
        for name in ("task", "wrong"):
            for condition in world.api.status(name)["conditions"]:
                assert len(condition["message"].encode()) <= 2048

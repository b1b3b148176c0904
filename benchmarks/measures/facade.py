"""The facade's batches beside bare loops that create and read the same objects."""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import aiohttp

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import BODY, Manifest
from benchmarks.stage import Stage
from dev.programs import start_facade

BATCH = 500


@dataclass(slots=True)
class Facade:
    """Tasks a second, one sample for each round."""

    count: int
    load: float
    added: list[float] = field(default_factory=list)
    added_watched: list[float] = field(default_factory=list)
    """While an operator takes the tasks in."""
    bare_created: list[float] = field(default_factory=list)
    queried: list[float] = field(default_factory=list)
    bare_read: list[float] = field(default_factory=list)


async def measure(stage: Stage, count: int, *, rounds: int) -> Facade:
    """Add and query `count` tasks through the facade and by bare loops."""
    stage.say(f"facade: {count:,} tasks in batches of {BATCH}, {rounds} rounds")
    result = Facade(count, stage.load)
    for _ in range(rounds):
        async with stage.namespace("facade") as namespace:
            await _round(stage, namespace, result)
        async with stage.namespace("watched") as namespace:
            await _watched_round(stage, namespace, result)
    return result


async def _round(stage: Stage, namespace: str, result: Facade) -> None:
    items = [item(index, stage.target.url) for index in range(result.count)]
    async with serving(stage, namespace) as post:
        seconds = [await post("add_task", batch) for batch in batches(items)]
        result.added.append(result.count / sum(seconds))
        stored = await give_logs(stage, namespace)
        if len(stored) != result.count:
            raise BenchmarkError(f"expected {result.count} tasks, got {len(stored)}")
        names = [{"name": item["name"]} for item in items]
        seconds = [await post("query_task_status", batch) for batch in batches(names)]
        result.queried.append(result.count / sum(seconds))
    stored_names = [manifest["metadata"]["name"] for manifest in stored]
    result.bare_read.append(result.count / await stage.api.read(namespace, stored_names))
    async with stage.namespace("bare") as bare:
        copies = [_copy(manifest) for manifest in stored]
        result.bare_created.append(result.count / await stage.api.create(bare, copies))


async def _watched_round(stage: Stage, namespace: str, result: Facade) -> None:
    items = [item(index, stage.target.url) for index in range(result.count)]
    async with stage.operators(namespace) as operators, serving(stage, namespace) as post:
        await operators.share_shards()
        seconds = [await post("add_task", batch) for batch in batches(items)]
        result.added_watched.append(result.count / sum(seconds))


async def give_logs(stage: Stage, namespace: str) -> list[Manifest]:
    """Give every task a log, as clients that ask for it find one; return the tasks."""
    stored = await stage.api.list(namespace)
    statuses = ((manifest["metadata"]["name"], _status()) for manifest in stored)
    await stage.api.patch_status(namespace, statuses)
    return stored


@asynccontextmanager
async def serving(
    stage: Stage, namespace: str, *, python: str = sys.executable
) -> AsyncIterator[Any]:
    """Run a facade, and give a function that posts a batch and returns the seconds."""
    facade = start_facade(
        stage.control_plane.kubeconfig,
        log=stage.logs / "facade.log",
        settings={"CRONTASK_API_NAMESPACE": namespace},
        python=python,
    )
    try:
        facade.wait_until_ready("/readyz")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as session:

            async def post(endpoint: str, batch: Sequence[Manifest]) -> float:
                began = perf_counter()
                url = f"{facade.url}/crontab/{endpoint}"
                async with session.post(url, json={"task_list": batch}) as response:
                    answer = await response.json()
                seconds = perf_counter() - began
                _check(endpoint, answer, len(batch))
                return seconds

            yield post
    finally:
        facade.child.stop()


def _check(endpoint: str, answer: Manifest, count: int) -> None:
    """Check that every item succeeded; a refusal is quicker than an answer."""
    data = answer.get("data") or {}
    results = data.get("task_result") or data.get("log_list") or []
    faults = [item for item in results if item.get("err")]
    if answer.get("state") != 0 or len(results) < count or faults:
        raise BenchmarkError(
            f"{endpoint}: expected {count} items to succeed, got {len(results)} answers, "
            f"state {answer.get('state')}, {answer.get('msg')!r}, faults {faults[:2]}"
        )


def item(index: int, url: str) -> Manifest:
    """Return item number `index` of a batch to add."""
    return {
        "name": f"report {index}",
        "enable": 1,
        "module": 2,
        "type": 4,
        "start_time": "0 30 2 1 1 *",
        "url": url,
        "method": "post",
        "body": BODY,
        "redo_param": "2 4 8",
    }


def _copy(manifest: Manifest) -> Manifest:
    """Return what creates an equal object in another namespace."""
    metadata = {
        key: manifest["metadata"][key]
        for key in ("name", "labels", "annotations")
        if key in manifest["metadata"]
    }
    kept = {key: manifest[key] for key in ("apiVersion", "kind", "spec")}
    return {**kept, "metadata": metadata}


def _status() -> Manifest:
    run = {
        "executionId": "0123456789abcdef0123456789abcdef",
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Succeeded",
        "scheduledTime": "2026-03-01T02:30:00Z",
        "beginTime": "2026-03-01T02:30:00.012Z",
        "endTime": "2026-03-01T02:30:00.034Z",
        "url": "http://127.0.0.1/ok",
        "body": BODY,
        "response": "ok",
        "code": 200,
        "reason": "OK",
    }
    return {"phase": "Active", "runs": [run]}


def batches(items: Sequence[Manifest]) -> Iterator[Sequence[Manifest]]:
    """Return `items` in batches as they are sent."""
    return (items[first : first + BATCH] for first in range(0, len(items), BATCH))

"""The console with many tasks: how soon its pages are there, and what viewers of it cost."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final

import aiohttp

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import IDLE_SCHEDULE, tasks
from benchmarks.measures.console_history import TASKS, keep_a_day
from benchmarks.metrics import parse_metrics
from benchmarks.stage import Stage
from benchmarks.usage import usage_of
from dev.programs import Program, start_facade

READY_SECONDS: Final = 120.0
VIEWERS: Final = 50
VIEWED_SECONDS: Final = 15.0
CHANGES_PER_SECOND: Final = 4
"""Of the tasks while viewers look: each of their lists is asked for once a second then."""

REQUESTS: Final = "crontask_api_kubernetes_request_seconds_count"
FOLLOWS: Final = {"X-Console-Live": "1", "HX-Request": "true"}
"""What a page sends when it asks for itself anew."""


@dataclass(slots=True)
class Viewed:
    """What viewers cost: resident bytes, CPU seconds, and requests to the API server."""

    viewers: int
    resident: int
    cpu_seconds: float
    requests: float
    pages: int
    """Pages that they got."""


@dataclass(slots=True)
class Console:
    """Samples of one facade, times in seconds."""

    count: int
    load: float
    listed: list[float] = field(default_factory=list)
    """Until the first byte of the list of tasks."""
    list_bytes: list[float] = field(default_factory=list)
    """As they are sent, compressed."""
    found: list[float] = field(default_factory=list)
    """Until the whole answer to a search is there."""
    task: list[float] = field(default_factory=list)
    """The same for the page of one task."""
    overview: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    """The runs that the statuses hold, ten of each task."""
    kept_task: list[float] = field(default_factory=list)
    """The page of one task with its charts, from the history."""
    kept_runs: list[float] = field(default_factory=list)
    kept_overview: list[float] = field(default_factory=list)
    """With the last day, which is counted once in a minute for all who look."""
    viewed: list[Viewed] = field(default_factory=list)
    resident: int = 0
    """Bytes, with all tasks in view and nobody who looks."""


async def measure(stage: Stage, count: int, *, rounds: int) -> Console:
    """Measure with `count` tasks that have ten records each."""
    stage.say(f"console: {count:,} tasks, {rounds} rounds, {VIEWERS} viewers")
    result = Console(count, stage.load)
    async with stage.namespace("console") as namespace:
        manifests = tasks(count, stage.target.url, schedule=IDLE_SCHEDULE)
        names = [manifest["metadata"]["name"] for manifest in manifests]
        await stage.api.create(namespace, manifests)
        await stage.api.patch_status(namespace, ((name, _status(10)) for name in names))
        async with _console(stage, namespace, count) as (program, browser):
            await _pages(browser, namespace, names, rounds, result)
            result.resident = usage_of(program.child.pid).resident
            for viewers in (1, VIEWERS):
                viewed = await _viewed(stage, namespace, names, program, browser, viewers)
                result.viewed.append(viewed)
        objects = (await stage.api.list(namespace))[:TASKS]
        kept = [(each["metadata"]["name"], each["metadata"]["uid"]) for each in objects]
        with tempfile.TemporaryDirectory() as folder:
            history = await keep_a_day(Path(folder), namespace, kept)
            settings = {"CRONTASK_API_HISTORY_URL": history}
            async with _console(stage, namespace, count, settings) as (_, browser):
                await _kept_pages(browser, namespace, [name for name, _ in kept], rounds, result)
    return result


@asynccontextmanager
async def _console(
    stage: Stage, namespace: str, count: int, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[tuple[Program, aiohttp.ClientSession]]:
    """Run a facade whose view holds all tasks, and a browser of it, for the block."""
    program = start_facade(
        stage.control_plane.kubeconfig,
        log=stage.logs / "console.log",
        settings={
            "CRONTASK_API_NAMESPACE": namespace,
            "CRONTASK_API_CONSOLE": "true",
            "CRONTASK_API_LOG_LEVEL": "warning",
            **more,
        },
    )
    try:
        program.wait_until_ready("/readyz")
        # Each request by a connection of its own would measure that, too.
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(
            program.url, timeout=timeout, auto_decompress=False
        ) as browser:
            await _filled(browser, count)
            yield program, browser
    finally:
        program.child.stop()


async def _filled(browser: aiohttp.ClientSession, count: int) -> None:
    """Wait until the view holds all tasks."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            async with browser.get("/console/tasks", headers={"Accept-Encoding": ""}) as answer:
                if f"<strong>{count:,} tasks</strong>" in await answer.text():
                    return
            await asyncio.sleep(0.5)


async def _pages(
    browser: aiohttp.ClientSession, namespace: str, names: list[str], rounds: int, result: Console
) -> None:
    for number in range(rounds):
        first, _, size = await _get(browser, "/console/tasks")
        result.listed.append(first)
        result.list_bytes.append(size)
        name = names[number * 37 % len(names)]
        result.found.append((await _get(browser, f"/console/tasks?text={name[-4:]}"))[1])
        # A task that nobody has looked at: it is read from the API server.
        result.task.append((await _get(browser, f"/console/tasks/{namespace}/{name}"))[1])
        result.overview.append((await _get(browser, "/console/"))[1])
        result.runs.append((await _get(browser, "/console/runs?status=Failed"))[1])


async def _kept_pages(
    browser: aiohttp.ClientSession, namespace: str, names: list[str], rounds: int, result: Console
) -> None:
    for number in range(rounds):
        name = names[number * 37 % len(names)]
        result.kept_task.append((await _get(browser, f"/console/tasks/{namespace}/{name}"))[1])
        result.kept_runs.append((await _get(browser, "/console/runs?status=Failed"))[1])
        result.kept_overview.append((await _get(browser, "/console/"))[1])


async def _get(
    browser: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None
) -> tuple[float, float, int]:
    """Return seconds to the first byte, seconds to the last, and bytes of the body."""
    began = perf_counter()
    sent = {"Accept-Encoding": "gzip", **(headers or {})}
    async with browser.get(path, headers=sent) as answer:
        begin = await answer.content.readany()
        first = perf_counter() - began
        size = len(begin) + len(await answer.content.read())
        if answer.status != 200:
            raise BenchmarkError(f"{path}: expected 200, got {answer.status}")
        return first, perf_counter() - began, size


async def _viewed(
    stage: Stage,
    namespace: str,
    names: list[str],
    program: Program,
    browser: aiohttp.ClientSession,
    viewers: int,
) -> Viewed:
    """Let so many look at the list while tasks change."""
    requests, usage = await _requests(browser), usage_of(program.child.pid)
    got = itertools.count()
    async with asyncio.TaskGroup() as group:
        looking = [group.create_task(_view(program.url, got)) for _ in range(viewers)]
        await stage.api.patch_status(namespace, _changes(names))
        for _ in range(int(VIEWED_SECONDS * CHANGES_PER_SECOND)):
            await stage.api.patch_status(namespace, _changes(names))
            await asyncio.sleep(1 / CHANGES_PER_SECOND)
        after = usage_of(program.child.pid)
        for each in looking:
            each.cancel()
    return Viewed(
        viewers,
        resident=after.resident,
        cpu_seconds=after.cpu_seconds - usage.cpu_seconds,
        requests=await _requests(browser) - requests,
        pages=next(got),
    )


async def _view(url: str, got: "itertools.count[int]") -> None:
    """Look at the list as a browser does: ask anew whenever the stream says so."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(url, timeout=timeout, auto_decompress=False) as browser:
        await _get(browser, "/console/tasks")
        async with browser.get("/console/events") as stream:
            async for line in stream.content:
                if line == b"event: changed\n":
                    await _get(browser, "/console/tasks", FOLLOWS)
                    next(got)


_numbers: Final = itertools.count(1)


def _changes(names: list[str]) -> Iterator[tuple[str, Any]]:
    number = next(_numbers)
    yield names[number % len(names)], {"counters": {"succeeded": number}}


async def _requests(browser: aiohttp.ClientSession) -> float:
    async with browser.get("/metrics", headers={"Accept-Encoding": ""}) as answer:
        return parse_metrics(await answer.text())[REQUESTS]


def _status(records: int) -> dict[str, Any]:
    runs = [
        {
            "executionId": f"{number:032x}",
            "runType": "Scheduled",
            "attempt": 1,
            "status": "Succeeded" if number % 5 else "Failed",
            "scheduledTime": f"2026-03-01T02:{number:02}:00Z",
            "beginTime": f"2026-03-01T02:{number:02}:00.012Z",
            "endTime": f"2026-03-01T02:{number:02}:00.034Z",
            "url": "http://127.0.0.1/ok",
            "response": "ok",
            "code": 200,
            "reason": "OK",
        }
        for number in range(records, 0, -1)
    ]
    return {"phase": "Active", "nextRunTime": "2027-01-01T00:00:00Z", "runs": runs}

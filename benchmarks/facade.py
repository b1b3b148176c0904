"""How much the facade adds to what the API server costs anyway.

Three figures, against a real API server: adding a full batch next to a bare loop of
creates over as many connections; a query of one task at 50 clients next to bare reads
at 50 clients; and memory before and after as many requests as an hour brings.

Run ``python -m benchmarks.facade``; ``--json`` prints the figures for a program.
"""

import argparse
import asyncio
import itertools
import json
import os
import ssl
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import load_kube_config

from crontask_api.mapping.task import to_manifest
from crontask_api.schemas.items import AddItem
from crontask_api.service.batch import WIDTH
from crontask_core.constants import GROUP, PLURAL, VERSION
from crontask_kube.configuration import tls_context
from dev.control_plane import ControlPlane
from dev.programs import Program, start_facade

BATCH = 1000
ROUNDS = 3
CLIENTS = 50
QUERIES = 3000
HOUR = 7200
"""Requests of the memory loop: an hour at two requests per second."""

Json = dict[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement needs."""

    http: aiohttp.ClientSession
    server: str
    tls: ssl.SSLContext
    facade: Program

    async def bare(self, method: str, path: str, body: bytes | None = None) -> None:
        """Send one request to the API server, as lean as can be."""
        headers = {"Content-Type": "application/json"}
        url = self.server + path
        async with self.http.request(
            method, url, data=body, headers=headers, ssl=self.tls
        ) as response:
            await response.read()
            response.raise_for_status()

    async def ask(self, endpoint: str, body: Json) -> Json:
        """Send one request to the facade."""
        url = f"{self.facade.url}/crontab/{endpoint}"
        async with self.http.post(url, json=body) as response:
            answer: Json = await response.json()
            return answer

    def cpu_ms(self) -> float:
        """Return the CPU time that the facade has used, which other work hardly changes."""
        fields = Path(f"/proc/{self.facade.child.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks * 1000 / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Return the facade's resident memory."""
        status = Path(f"/proc/{self.facade.child.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


def _items() -> list[Json]:
    run = uuid.uuid4().hex[:8]
    return [
        {
            "name": f"{run} task {number}",
            "enable": 2,
            "module": 2,
            "type": 4,
            "start_time": f"{number % 60} {number // 60} 2 * * *",
            "url": "http://127.0.0.1:1/aa",
            "method": "post",
            "body": '{"scope": "all"}',
            "redo_param": "2 4 8",
        }
        for number in range(BATCH)
    ]


async def _in_parallel(width: int, work: Sequence[Callable[[], Awaitable[None]]]) -> float:
    """Do all of `work`, `width` at a time, and return the seconds it took."""
    waiting = iter(work)

    async def worker() -> None:
        for each in waiting:
            await each()

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(width)))
    return time.perf_counter() - begin


async def _bare_adds(bench: Bench) -> float:
    path = f"/apis/{GROUP}/{VERSION}/namespaces/default/{PLURAL}"
    now = datetime.now(UTC)
    bodies = [
        json.dumps(to_manifest(AddItem.model_validate(item), time_zone="UTC", now=now)).encode()
        for item in _items()
    ]
    work = [lambda body=body: bench.bare("POST", path, body) for body in bodies]
    return BATCH / await _in_parallel(WIDTH, work)


async def _batch_add(bench: Bench) -> float:
    items = _items()
    begin = time.perf_counter()
    answer = await bench.ask("add_task", {"task_list": items})
    seconds = time.perf_counter() - begin
    if any(result["err"] for result in answer["data"]["task_result"]):
        raise RuntimeError(f"a task was not added: {answer}")
    return BATCH / seconds


async def measure_adds(bench: Bench) -> Figures:
    """Return both rates and their ratio, in rounds one after the other."""
    await _batch_add(bench)
    # Each pair of neighbours meets the same machine; the order changes with each round.
    pairs = []
    before = bench.cpu_ms()
    for number in range(ROUNDS):
        if number % 2:
            facade = await _batch_add(bench)
            bare = await _bare_adds(bench)
        else:
            bare = await _bare_adds(bench)
            facade = await _batch_add(bench)
        pairs.append((bare, facade))
    return {
        "bare creates, per second": statistics.median(bare for bare, _ in pairs),
        "batch add, tasks per second": statistics.median(facade for _, facade in pairs),
        "batch add, ratio to bare creates": statistics.median(f / b for b, f in pairs),
        "batch add, the facade's CPU ms a task": (bench.cpu_ms() - before) / BATCH / ROUNDS,
    }


async def _latencies(request: Callable[[], Awaitable[object]]) -> list[float]:
    times: list[float] = []

    async def one() -> None:
        begin = time.perf_counter()
        await request()
        times.append((time.perf_counter() - begin) * 1000)

    await _in_parallel(CLIENTS, [one] * QUERIES)
    return sorted(times)


async def measure_queries(bench: Bench) -> Figures:
    """Return latencies of a query of one task, and of a bare read of it."""
    item = _items()[0]
    added = await bench.ask("add_task", {"task_list": [item]})
    own_id = added["data"]["task_result"][0]["task_id"]
    path = f"/apis/{GROUP}/{VERSION}/namespaces/default/{PLURAL}/{own_id}"
    query = {"task_list": [{"task_id": own_id}]}
    await bench.ask("query_task_status", query)
    bare = await _latencies(lambda: bench.bare("GET", path))
    before = bench.cpu_ms()
    asked = await _latencies(lambda: bench.ask("query_task_status", query))
    spent = bench.cpu_ms() - before
    return {
        f"bare read at {CLIENTS} clients, p50 ms": bare[len(bare) // 2],
        f"bare read at {CLIENTS} clients, p99 ms": bare[len(bare) * 99 // 100],
        f"query at {CLIENTS} clients, p50 ms": asked[len(asked) // 2],
        f"query at {CLIENTS} clients, p99 ms": asked[len(asked) * 99 // 100],
        "query, the facade's CPU ms": spent / QUERIES,
    }


async def measure_memory(bench: Bench) -> Figures:
    """Return the facade's memory before and after `HOUR` requests of every kind."""
    item = _items()[0]
    name = {"task_list": [{"name": item["name"]}]}
    requests: list[tuple[str, Json]] = [
        ("add_task", {"task_list": [item]}),
        ("add_task", {"task_list": [{**item, "type": 9, "url": None}] * 20}),
        ("update_task", {"task_list": [{"name": item["name"], "module": 3}]}),
        ("query_task_status", name),
        ("query_task_status", {"task_list": [{"name": "none"}, 5, None]}),
        ("run_again_task", name),
        ("get_task", name),
        ("list_task", {"limit": 20}),
        ("preview", {"start_time": "0 30 2 * * *"}),
        ("preview", {"start_time": "61 * * * * *"}),
    ]
    kinds = itertools.cycle(requests)

    async def one() -> None:
        await bench.ask(*next(kinds))

    await _in_parallel(CLIENTS, [one] * (HOUR // 10))
    warm = bench.resident_mib()
    await _in_parallel(CLIENTS, [one] * HOUR)
    return {
        f"memory after {HOUR // 10:,} requests, MiB": warm,
        f"memory after {HOUR:,} more, MiB": bench.resident_mib(),
    }


@asynccontextmanager
async def _bench(control_plane: ControlPlane, facade: Program) -> AsyncIterator[Bench]:
    configuration = Configuration()
    await load_kube_config(
        config_file=str(control_plane.kubeconfig), client_configuration=configuration
    )
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CLIENTS), timeout=timeout
    ) as http:
        yield Bench(http, control_plane.server, tls_context(configuration), facade)


async def measure(control_plane: ControlPlane, facade: Program) -> Figures:
    """Return all figures."""
    async with _bench(control_plane, facade) as bench:
        return {
            **await measure_adds(bench),
            **await measure_queries(bench),
            **await measure_memory(bench),
        }


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args(arguments).json
    with ControlPlane() as control_plane:
        control_plane.install_crds()
        facade = start_facade(
            control_plane.kubeconfig,
            log=control_plane.folder / "facade.log",
            settings={
                "CRONTASK_API_LOG_LEVEL": "warning",
                "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "300",
            },
        )
        try:
            facade.wait_until_ready("/readyz")
            figures = uvloop.run(measure(control_plane, facade))
        finally:
            facade.child.stop()
    if as_json:
        sys.stdout.write(json.dumps({name: round(f, 3) for name, f in figures.items()}) + "\n")
        return
    for name, figure in figures.items():
        sys.stdout.write(f"{name:40} {figure:9,.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

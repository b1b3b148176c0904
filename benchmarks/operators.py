"""Operator processes as they are in a cluster, but on this machine."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import aiohttp

from benchmarks.errors import BenchmarkError
from benchmarks.metrics import parse_metrics
from benchmarks.usage import Usage, usage_of
from dev.ports import LOOPBACK, free_port
from dev.processes import ChildFailedError
from dev.programs import Program, start_operator

START_SECONDS = 180.0
"""Bound on a start with twenty thousand tasks on a loaded machine."""

POLL_SECONDS = 0.1
"""Between two looks at a replica's metrics, each of which costs it a few milliseconds."""

POLLED_SHARE = 0.04
"""Of what has passed is added between two looks. Ten of them a second took a tenth of the
operator's CPU while it recorded; this finds the end of ten seconds 0.4 s late at most."""


@dataclass(frozen=True, slots=True)
class Replica:
    """A running operator."""

    program: Program
    metrics_url: str
    session: aiohttp.ClientSession

    @property
    def usage(self) -> Usage:
        """What its process uses."""
        return usage_of(self.program.child.pid)

    async def metrics(self) -> Mapping[str, float]:
        """Return its metrics; none while it does not serve them yet.

        Raises
        ------
        ChildFailedError
            If it has ended.
        """
        try:
            async with self.session.get(self.metrics_url) as answer:
                return parse_metrics(await answer.text())
        except aiohttp.ClientConnectionError:
            child = self.program.child
            if (code := child.poll()) is not None:
                raise ChildFailedError(child, f"ended with exit code {code}") from None
            return parse_metrics("")


@dataclass(frozen=True, slots=True)
class Operators:
    """The replicas that share the tasks of one namespace."""

    replicas: Sequence[Replica]
    began: float
    """`time.perf_counter` when the first was started."""

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all of them so far."""
        return sum(replica.usage.cpu_seconds for replica in self.replicas)

    async def total(self) -> Mapping[str, float]:
        """Return the sums of their metrics."""
        parts = await asyncio.gather(*(replica.metrics() for replica in self.replicas))
        names = set().union(*parts)
        return {name: sum(part.get(name, 0.0) for part in parts) for name in names}

    async def until(
        self, holds: Callable[[Mapping[str, float]], bool], *, seconds: float, what: str
    ) -> float:
        """Wait until `holds` is true of the summed metrics; return `time.time` of that moment.

        Raises
        ------
        BenchmarkError
            If it is not true within `seconds`; the message says that `what` was expected.
        """
        began = perf_counter()
        while True:
            metrics = await self.total()
            if holds(metrics):
                return time.time()
            passed = perf_counter() - began
            if passed > seconds:
                raise BenchmarkError(
                    f"expected {what} within {seconds:g} s, got these waiting: "
                    f"{ {name: value for name, value in metrics.items() if 'waiting' in name} }"
                )
            await asyncio.sleep(max(POLL_SECONDS, POLLED_SHARE * passed))

    async def ready(self, count: int) -> float:
        """Wait until `count` tasks are planned; return the seconds since the start."""
        await self.until(
            lambda metrics: metrics.get("crontask_tasks_scheduled", 0) >= count,
            seconds=START_SECONDS,
            what=f"{count} planned tasks",
        )
        return perf_counter() - self.began

    async def share_shards(self) -> None:
        """Wait until every replica serves a shard."""
        deadline = perf_counter() + START_SECONDS
        for replica in self.replicas:
            while not (await replica.metrics()).get("crontask_shards_held"):
                if perf_counter() > deadline:
                    raise BenchmarkError("expected every replica to get a shard")
                await asyncio.sleep(POLL_SECONDS)

    async def settled(self, *, attempts: float = 0, seconds: float = START_SECONDS) -> float:
        """Wait until nothing waits or is in flight, and `attempts` were made in all."""
        return await self.until(
            lambda metrics: (
                metrics.get("crontask_attempts_total", 0) >= attempts
                and not any(metrics.get(name, 1) for name in _PENDING)
            ),
            seconds=seconds,
            what="every record to be written",
        )

    async def attempts(self) -> float:
        """Return how many attempts have ended since the start."""
        return (await self.total()).get("crontask_attempts_total", 0)

    async def stop(self) -> None:
        """Stop them in order, as a rolling update does."""
        children = (replica.program.child for replica in self.replicas)
        await asyncio.gather(*(asyncio.to_thread(child.stop, 60) for child in children))


_PENDING = ("crontask_calls_in_flight", "crontask_calls_waiting", "crontask_records_waiting")


@asynccontextmanager
async def run_operators(
    kubeconfig: Path,
    namespace: str,
    *,
    logs: Path,
    count: int = 1,
    python: str = sys.executable,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Operators]:
    """Run `count` replicas for `namespace`, each with as many shards as there are replicas."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        began = perf_counter()
        replicas = []
        for number in range(count):
            port = free_port()
            program = start_operator(
                kubeconfig,
                log=logs / f"operator-{namespace}.log",
                namespace=namespace,
                settings={
                    "CRONTASK_METRICS_PORT": str(port),
                    "CRONTASK_SHARDS": str(count),
                    "CRONTASK_IDENTITY": f"bench-{number}",
                    "CRONTASK_LOG_LEVEL": "WARNING",
                    **settings,
                },
                python=python,
            )
            stack.callback(program.child.kill)
            replicas.append(Replica(program, f"http://{LOOPBACK}:{port}/metrics", session))
        operators = Operators(replicas, began)
        yield operators
        await operators.stop()

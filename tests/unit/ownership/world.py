"""Replicas of the operator under virtual time, and a referee who watches them."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from typing import TypeVar

import looptime

from crontask_operator.ownership import Handover, LeaseKeeper, LeaseSettings, ShardEvents
from tests.unit.ownership.fake_store import LeaseServer, Link, no_delay

T = TypeVar("T")

SETTINGS = LeaseSettings()
EPOCH = datetime(2030, 1, 1, tzinfo=UTC).timestamp()


def run_virtually(story: Coroutine[None, None, T]) -> T:
    """Run `story` to its end; its waits take no time."""
    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(noop_cycles=0)) as runner:
        return runner.run(story)


@dataclass
class Clock:
    """A replica's clock: at any origin, a little fast or slow."""

    offset: float = 0.0
    rate: float = 1.0

    def monotonic(self) -> float:
        return self.offset + self.rate * asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return datetime.fromtimestamp(EPOCH + self.monotonic(), UTC)


@dataclass
class Replica:
    """One process: a keeper, its link, and an engine that flushes when asked to."""

    name: str
    world: "World"
    shards: int
    clock: Clock = field(default_factory=Clock)
    delay: Callable[[], float] = no_delay
    flush_seconds: Callable[[], float] = no_delay
    make_link: type[Link] = Link
    sees: bool = True
    settings: LeaseSettings = SETTINGS
    told: list[str] = field(default_factory=list)
    _flushes: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.link = self.make_link(self.world.server, SETTINGS.request_timeout_seconds, self.delay)
        self.keeper = LeaseKeeper(
            self.link,
            identity=f"{self.name}_{len(self.world.replicas)}",
            shards=self.shards,
            settings=self.settings,
            events=ShardEvents(
                self._on_acquired,
                on_lost=lambda shard: self.told.append(f"lost {shard}"),
                on_drain=self._on_drain,
            ),
            sees=lambda: self.sees,
            monotonic=self.clock.monotonic,
            now=self.clock.now,
        )
        self._process = asyncio.create_task(self.keeper.run())

    @property
    def alive(self) -> bool:
        return not self._process.done()

    def owned(self) -> set[int]:
        """Return the shards whose tasks it would fire now. A dead process fires nothing."""
        if not self.alive:
            return set()
        return {shard for shard in range(self.shards) if self.keeper.owns(shard)}

    async def kill(self) -> None:
        """End it as kill -9 does: nothing is said to anybody."""
        self._process.cancel()
        for flush in self._flushes:
            flush.cancel()
        await asyncio.wait([self._process, *self._flushes])

    def reraise(self) -> None:
        """Raise what ended the process, if it did not end by our will."""
        if self._process.done() and not self._process.cancelled():
            self._process.result()

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        await self.keeper.release_all("final")
        await self.kill()

    def _on_acquired(self, shard: int, handover: Handover) -> None:
        self.told.append(
            f"acquired {shard}" + (handover.flushed_through and f" {handover.flushed_through}")
        )
        self.world.look()

    def _on_drain(self, shard: int) -> None:
        self.told.append(f"drain {shard}")
        flush = asyncio.create_task(self._flush(shard))
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)

    async def _flush(self, shard: int) -> None:
        await asyncio.sleep(self.flush_seconds())
        await self.keeper.release(shard, f"flushed-{shard}")


class World:
    """One server and any number of replicas."""

    def __init__(self) -> None:
        self.server = LeaseServer()
        self.replicas: list[Replica] = []
        self.verdicts: list[str] = []

    def start(
        self,
        name: str,
        *,
        shards: int = 1,
        clock: Clock | None = None,
        delay: Callable[[], float] = no_delay,
        flush_seconds: Callable[[], float] = no_delay,
        link: type[Link] = Link,
        sees: bool = True,
        settings: LeaseSettings = SETTINGS,
    ) -> Replica:
        replica = Replica(
            name, self, shards, clock or Clock(), delay, flush_seconds, link, sees, settings
        )
        self.replicas.append(replica)
        return replica

    def latest(self, name: str) -> Replica:
        """Return the replica that was started last under `name`."""
        return next(replica for replica in reversed(self.replicas) if replica.name == name)

    def living(self) -> list[Replica]:
        return [replica for replica in self.replicas if replica.alive]

    def look(self) -> None:
        """Note it if two replicas would fire the same task at this moment.

        Replicas that divide the tasks into different numbers of shards share some task,
        whichever shards they own.
        """
        owners = [(replica, replica.owned()) for replica in self.living()]
        for (one, ours), (other, theirs) in combinations(owners, 2):
            if ours & theirs if one.shards == other.shards else ours and theirs:
                now = asyncio.get_running_loop().time()
                self.verdicts.append(
                    f"{now:.3f} s: {one.name} owns {ours} of {one.shards}, "
                    f"{other.name} owns {theirs} of {other.shards}"
                )

    async def watch(self, seconds: float) -> None:
        """Let time pass under the eyes of the referee."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 0.5))
            self.look()
            for replica in self.replicas:
                replica.reraise()
            assert not self.verdicts, self.verdicts

    async def end(self) -> None:
        for replica in self.living():
            await replica.kill()
        for replica in self.replicas:
            await replica.link.close()


def latency(generator: random.Random, longest: float) -> Callable[[], float]:
    """Return a latency that is mostly short and at times as long as `longest`."""
    return lambda: generator.choice((0.001, 0.005, 0.02, generator.uniform(0, longest)))

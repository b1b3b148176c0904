"""An API server for leases in memory, and links to it that fail as networks do."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from crontask_kube.errors import (
    ConflictError,
    NotFoundError,
    UnavailableError,
)
from crontask_operator.ownership.record import LeaseKind, LeaseRecord, shard_name
from crontask_operator.ownership.store import Change, LeaseStore, Listing

T = TypeVar("T")


class LeaseServer:
    """Stores leases as the API server does: one revision counter, conditional writes."""

    def __init__(self) -> None:
        self.leases: dict[str, LeaseRecord] = {}
        self.history: list[Change] = []
        self.times: list[float] = []
        self.revision = 0
        self.grown = asyncio.Event()

    def list_all(self) -> Listing:
        return Listing(tuple(self.leases.values()), str(self.revision))

    def read(self, name: str) -> LeaseRecord:
        if name not in self.leases:
            raise NotFoundError(name)
        return self.leases[name]

    def create(self, record: LeaseRecord) -> LeaseRecord:
        if record.name in self.leases:
            raise ConflictError(f"{record.name} already exists")
        return self._store(record)

    def update(self, record: LeaseRecord) -> LeaseRecord:
        stored = self.read(record.name)
        if stored.resource_version != record.resource_version:
            raise ConflictError(f"{record.name} has been modified")
        # As the API server: a write that changes nothing makes no new version.
        return stored if stored == record else self._store(record)

    def delete(self, record: LeaseRecord) -> None:
        stored = self.read(record.name)
        if stored.resource_version != record.resource_version:
            raise ConflictError(f"{record.name} has been modified")
        self.remove(record.name)

    def remove(self, name: str) -> None:
        """Delete a lease, if it exists, as a person with kubectl may."""
        record = self.leases.pop(name, None)
        if record is not None:
            self._tell(record, deleted=True)

    def holders(self, shards: int) -> list[str]:
        """Return who holds each shard by the records; empty for a free one."""
        names = map(shard_name, range(shards))
        return [self.leases[name].holder if name in self.leases else "" for name in names]

    def members(self) -> set[str]:
        return {record.holder for record in self.leases.values() if record.kind is LeaseKind.MEMBER}

    def _store(self, record: LeaseRecord) -> LeaseRecord:
        stored = self.leases[record.name] = self._tell(record)
        return stored

    def _tell(self, record: LeaseRecord, *, deleted: bool = False) -> LeaseRecord:
        self.revision += 1
        numbered = replace(record, resource_version=str(self.revision))
        self.history.append(Change(numbered, deleted))
        self.times.append(asyncio.get_running_loop().time())
        self.grown.set()
        self.grown = asyncio.Event()
        return numbered


def no_delay() -> float:
    """Return the latency of a perfect network, in seconds."""
    return 0.0


@dataclass
class Link(LeaseStore):
    """One replica's connection to the server.

    A cut link carries nothing. What travels on it arrives when it is mended, long after
    the sender gave up, as a packet in some queue may. `delay` is asked for each way.
    """

    server: LeaseServer
    timeout_seconds: float
    delay: Callable[[], float] = no_delay
    requests: list[str] = field(default_factory=list)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _travelling: set[asyncio.Task[object]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._open.set()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    async def close(self) -> None:
        """Drop what still travels."""
        for journey in self._travelling:
            journey.cancel()
        if self._travelling:
            await asyncio.wait(self._travelling)

    async def list_all(self) -> Listing:
        return await self._request("list", self.server.list_all)

    async def read(self, name: str) -> LeaseRecord:
        return await self._request(f"read {name}", lambda: self.server.read(name))

    async def create(self, record: LeaseRecord) -> LeaseRecord:
        return await self._request(f"create {record.name}", lambda: self.server.create(record))

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        return await self._request(f"update {record.name}", lambda: self.server.update(record))

    async def delete(self, record: LeaseRecord) -> None:
        await self._request(f"delete {record.name}", lambda: self.server.delete(record))

    async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        self.requests.append("watch")
        server, position, arrival = self.server, int(resource_version), 0.0
        while True:
            while position < len(server.history):
                # Events are under way at the same time, and arrive in order.
                arrival = max(arrival, server.times[position] + self.delay())
                await asyncio.sleep(arrival - asyncio.get_running_loop().time())
                await self._open.wait()
                yield server.history[position]
                position += 1
            await server.grown.wait()

    async def _request(self, name: str, answer: Callable[[], T]) -> T:
        self.requests.append(name)
        journey = asyncio.create_task(self._carry(answer))
        self._travelling.add(journey)
        journey.add_done_callback(self._arrived)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await asyncio.shield(journey)
        except TimeoutError as error:
            raise UnavailableError(f"{name}: timed out") from error

    async def _carry(self, answer: Callable[[], T]) -> T:
        await self._travel()
        result = answer()
        await self._travel()
        return result

    async def _travel(self) -> None:
        await asyncio.sleep(self.delay())
        await self._open.wait()

    def _arrived(self, journey: asyncio.Task[T]) -> None:
        self._travelling.discard(journey)
        if not journey.cancelled():
            # An answer that nobody waits for any more is no unhandled error.
            journey.exception()

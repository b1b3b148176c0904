"""keeper holds shards by leases for the engine: its loop decides what to write when."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from math import inf

from crontask_kube.errors import ApiError
from crontask_operator.ownership.balance import Scene, balance
from crontask_operator.ownership.feed import feed
from crontask_operator.ownership.holder import ShardEvents, ShardHolder
from crontask_operator.ownership.membership import Membership
from crontask_operator.ownership.outage import OutageRule
from crontask_operator.ownership.pace import Pace
from crontask_operator.ownership.record import LeaseKind
from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.store import LeaseStore, OutageLog
from crontask_operator.ownership.view import LeaseView
from crontask_operator.ownership.writer import LeaseWriter
from crontask_operator.process.clock import boot_seconds, utc_now

SHORTEST_PAUSE_SECONDS = 0.001
"""Between two looks, so that no rounding of clocks can make them follow at once."""


class LeaseKeeper:
    """Shards held by leases in some store.

    It is one loop of looks. A look is synchronous: it compares what is known of the
    leases with the clock, tells the engine what was lost, and starts the writes that
    are due. Whatever changes, a watch event, the end of a write or the time, leads to
    the next look.

    Parameters
    ----------
    identity
        What no other process has, a restarted one included: a record in this name
        counts as written by this keeper.
    events
        Called when a shard was acquired or lost, or is to be drained.
    sees
        Tells whether this process sees the tasks. It takes part only once it does. While
        it does not, it takes no shards; after a lease duration in which it saw the leases
        and not the tasks, those that it holds are drained.
    monotonic
        Seconds from any origin that never go back.
    """

    def __init__(
        self,
        store: LeaseStore,
        *,
        identity: str,
        shards: int,
        settings: LeaseSettings,
        events: ShardEvents,
        sees: Callable[[], bool],
        monotonic: Callable[[], float] = boot_seconds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.identity = identity
        self._store = store
        self._shards = shards
        self._settings = settings
        self._sees = sees
        self._clock = monotonic
        self._wake = asyncio.Event()
        self.outage = OutageLog(monotonic)
        self._view = LeaseView(shards, patience_seconds=settings.silence_seconds)
        self._sweep_pace = Pace()
        # Since when the leases are seen and the tasks are not.
        self._blind_since = inf
        writer = LeaseWriter(
            store,
            self._view,
            identity=self.identity,
            shards=shards,
            duration_seconds=settings.duration_seconds,
            clock=monotonic,
            now=now,
            outage=self.outage,
        )
        self._membership = Membership(
            writer,
            self._view,
            identity=self.identity,
            shards=shards,
            settings=settings,
            clock=monotonic,
        )
        self._outage_rule = OutageRule(self.identity, self._view, self.outage, settings)
        self._holders = [
            ShardHolder(
                shard,
                identity=self.identity,
                writer=writer,
                view=self._view,
                settings=settings,
                clock=monotonic,
                events=events,
                admit=self._admit,
                outage=self._outage_rule,
            )
            for shard in range(shards)
        ]

    def owns(self, shard: int) -> bool:
        """Return whether tasks of `shard` may be fired at this very moment.

        It is asked before each firing and costs less than a microsecond. An answer says
        nothing about the next moment, so it must not be kept.
        """
        return self._clock() < self._holders[shard].fires_until

    @property
    def held(self) -> frozenset[int]:
        """The shards whose lease is ours now, those included which are drained."""
        now = self._clock()
        return frozenset(holder.shard for holder in self._holders if now < holder.until)

    @property
    def ready(self) -> asyncio.Event:
        """Set once this replica takes part: it may take shards, and others see it."""
        return self._membership.joined

    async def run(self) -> None:
        """Take part until cancelled. What is held then and not released runs out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(
                feed(
                    self._view,
                    self._store,
                    clock=self._clock,
                    outage=self.outage,
                    changed=self._wake.set,
                )
            )
            while True:
                self._wake.clear()
                self._look(group)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._wake.wait()

    def look_again(self) -> None:
        """Take note that `sees` may have another answer."""
        self._wake.set()

    async def leave(self) -> None:
        """Take no more shards, and let the others count without this replica.

        The first step of a shutdown. What is held is still held and renewed.
        """
        await self._membership.leave()

    async def release(self, shard: int, flushed_through: str) -> None:
        """Hand back `shard` if it is held; nothing of it may be in flight any more.

        It is not owned from the call on. `flushed_through` is the resource version of
        the last status write, for the successor. While the API server is away, this
        tries for as long as the lease lasts.
        """
        if self._holders[shard].held:
            await self._holders[shard].release(flushed_through)
            self._wake.set()

    async def release_all(self, flushed_through: str) -> None:
        """Leave and hand back every shard. Then `run` may be cancelled."""
        await self.leave()
        async with asyncio.TaskGroup() as group:
            for holder in self._holders:
                # The lease of a shard that was lost by time may still be in our name.
                left = flushed_through if holder.held else ""
                group.create_task(holder.release(left))

    def _look(self, group: asyncio.TaskGroup) -> None:
        now = self._clock()
        self._outage_rule.look()
        for holder in self._holders:
            holder.check(now)
        if not self._view.listed:
            return
        membership = self._membership
        sees = self._sees()
        takes_part = sees or membership.joined.is_set()
        if takes_part and not membership.leaving and membership.pace.is_due(now):
            self._start(group, membership.pace, membership.renew)
        for holder in self._holders:
            if holder.ours and holder.is_due(now):
                self._start(group, holder.pace, holder.claim)
        if not self._view.is_live(now):
            # Others may have renewed, or left: what is ours is kept, nothing is taken.
            self._blind_since = inf
            return
        if not sees:
            self._blind_since = min(self._blind_since, now)
            if now >= self._blind_since + self._settings.duration_seconds:
                self._give_back()
            return
        self._blind_since = inf
        if not membership.leaving and membership.joined.is_set():
            self._move(group, now)
        if self._sweep_pace.is_due(now) and membership.has_stale(now):
            self._sweep_pace.due_at = now + self._settings.renew_seconds
            self._start(group, self._sweep_pace, membership.sweep)

    def _move(self, group: asyncio.TaskGroup, now: float) -> None:
        """Take the shards we should have, and begin to hand back those we should not."""
        if self._view.divided_otherwise(now):
            return
        moves = balance(self._scene(now))
        for holder in map(self._holders.__getitem__, moves.take):
            self._start(group, holder.pace, holder.claim)
        for holder in map(self._holders.__getitem__, moves.drain):
            if holder.held:
                holder.drain()

    def _give_back(self) -> None:
        """Let others have what we hold: they may see the tasks."""
        for holder in self._holders:
            if holder.held and not holder.draining:
                holder.drain()

    def _scene(self, now: float) -> Scene:
        members = self._membership.members(now)
        holders: dict[int, str] = {}
        free: list[int] = []
        overdue: list[int] = []
        for holder in self._holders:
            shard = holder.shard
            seen = self._view.shard(shard)
            if holder.ours or holder.pace.busy:
                holders[shard] = self.identity
            elif seen is not None and seen.holder(now):
                holders[shard] = seen.holder(now)
            elif now >= self._view.free_at(shard) and holder.is_due(now):
                free.append(shard)
                if now >= self._view.free_at(shard) + self._settings.grace_seconds:
                    overdue.append(shard)
        return Scene(
            me=self.identity,
            shards=self._shards,
            members=members,
            settled=[member for member, settled in members.items() if settled],
            holders=holders,
            draining=[holder.shard for holder in self._holders if holder.draining],
            free=free,
            overdue=overdue,
        )

    async def _admit(self) -> bool:
        """Return whether a shard whose lease we just wrote may be ours.

        It may not while anybody divides the tasks otherwise. Both sides write first and
        list then, so that at least one of them sees the other.
        """
        try:
            self._view.list_seen(await self._store.list_all(), self._clock())
        except ApiError as error:
            self.outage.failed(error)
            return False
        if self._membership.leaving:
            return False
        return not self._view.divided_otherwise(self._clock())

    def _start(
        self, group: asyncio.TaskGroup, pace: Pace, work: Callable[[], Awaitable[None]]
    ) -> None:
        async def and_look_again() -> None:
            try:
                await work()
            finally:
                pace.busy = False
                self._wake.set()

        pace.busy = True
        group.create_task(and_look_again())

    def _pause(self) -> float:
        """Return the seconds until the next look, if nothing wakes us before."""
        now = self._clock()
        soonest = min((at for at in self._moments() if at > now), default=inf)
        return max(SHORTEST_PAUSE_SECONDS, min(soonest - now, self._settings.renew_seconds))

    def _moments(self) -> Iterator[float]:
        """Yield the moments at which a look may have something to do."""
        yield self._membership.pace.due_at
        yield self._sweep_pace.due_at
        yield self._blind_since + self._settings.duration_seconds
        yield from self._membership.stale_at().values()
        for kind in LeaseKind:
            for seen in self._view.of_kind(kind):
                yield seen.free_at
        for holder in self._holders:
            yield holder.until
            yield holder.pace.due_at
            yield self._view.free_at(holder.shard)
            yield self._view.free_at(holder.shard) + self._settings.grace_seconds

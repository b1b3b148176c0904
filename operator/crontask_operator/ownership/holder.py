"""holder takes, renews and gives up the lease of one shard for the keeper."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import inf

from crontask_operator.ownership.outage import OutageRule
from crontask_operator.ownership.pace import Pace
from crontask_operator.ownership.record import UNKNOWN_HOLDER, LeaseKind, shard_name
from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.view import LeaseView
from crontask_operator.ownership.writer import Claim, LeaseWriter

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handover:
    """What the previous owner of a shard left to the next one.

    `flushed_through` is the resource version of its last status write when it released
    the shard in order: whoever has seen that version has seen all its records. It is
    empty when that is unknown, as after a crash or in a shard nobody owned before.
    """

    flushed_through: str = ""


@dataclass(frozen=True, slots=True)
class ShardEvents:
    """What the engine is told of a shard, by its number.

    Parameters
    ----------
    on_acquired
        Called when a shard is owned from now on.
    on_lost
        Called when a shard was owned and is no more, other than by a release. It comes
        when the event loop gets to it; `LeaseKeeper.owns` is false even before.
    on_drain
        Called when a shard should go to another replica. From then on `owns` is false
        for it, but the lease is kept: the engine ends what is in flight, writes its
        records, and calls `LeaseKeeper.release`.
    """

    on_acquired: Callable[[int, Handover], None]
    on_lost: Callable[[int], None]
    on_drain: Callable[[int], None]


class ShardHolder:
    """Takes, renews and gives up the lease of one shard when told to.

    ::

                   on_acquired            on_drain
        not held ---------------> held ---------------> draining
            ^                      |                       |
            +--- on_lost, release -+--- on_lost, release --+

    Whatever is remembered here, the shard is ours only until `until`: as long as its lease
    is valid, or, while the API server is away, as long as `outage` lets us go on. While it
    drains, its lease is renewed, but nothing of it is fired.

    `admit` is asked before a shard counts as ours, after its lease was written.
    """

    def __init__(
        self,
        shard: int,
        *,
        identity: str,
        writer: LeaseWriter,
        view: LeaseView,
        settings: LeaseSettings,
        clock: Callable[[], float],
        events: ShardEvents,
        admit: Callable[[], Awaitable[bool]],
        outage: OutageRule,
    ) -> None:
        self.shard = shard
        self.pace = Pace()
        self.until = -inf
        self.fires_until = -inf
        self._valid_until = -inf
        self._renewed_at = -inf
        self.held = False
        self.draining = False
        self._releasing = 0
        self._name = shard_name(shard)
        self._identity = identity
        self._writer = writer
        self._view = view
        self._settings = settings
        self._clock = clock
        self._events = events
        self._admit = admit
        self._outage = outage

    @property
    def ours(self) -> bool:
        """Whether the lease is in our name, be it held, lost in time or half acquired."""
        seen = self._view.get(self._name)
        return self.held or (seen is not None and seen.record.holder == self._identity)

    def check(self, now: float) -> None:
        """Lose the shard if our time is over or somebody else has the lease."""
        if not self.held:
            return
        if now < self.until:
            self._go_on(now)
        seen = self._view.get(self._name)
        if now >= self.until:
            self._lose("its lease could not be renewed in time")
        elif seen is None or seen.record.holder == UNKNOWN_HOLDER:
            # Somebody deleted it. It is still ours, and is created again.
            if not self.pace.failures:
                self.pace.due_at = now
        elif seen.record.holder != self._identity:
            self._lose(f"its lease is held by {seen.record.holder or 'nobody'}")

    def is_due(self, now: float) -> bool:
        """Return whether the lease may be written now."""
        return self.pace.is_due(now) and not self._releasing

    async def claim(self) -> None:
        """Acquire the shard or renew our hold on it, if that can be had."""
        if self._releasing:
            # This claim was decided on before the release began. It would wait for the lock
            # and then take back the lease that was just released.
            return
        async with self.pace.lock:
            owned = self._clock() < self._valid_until
            claim = await self._writer.claim(self._name, LeaseKind.SHARD, owned=owned)
            if claim is None:
                self.pace.failed(self._clock())
                return
            self.pace.succeeded(claim.sent_at + self._settings.renew_seconds)
            # An answer that comes after our time was over is no renewal: in between
            # the shard may have belonged to nobody, and so to others.
            self.check(self._clock())
            if self.held and self._clock() >= self._valid_until:
                await self._settle_outage(claim)
            elif self.held:
                self._extend(claim)
            elif not self._releasing:
                await self._acquire(claim)

    def drain(self) -> None:
        """Fire nothing more, and ask for what is in flight to be ended."""
        logger.info("shard %d: drained, to be handed to another replica", self.shard)
        self.draining = True
        self.fires_until = -inf
        self._events.on_drain(self.shard)

    async def release(self, flushed_through: str) -> None:
        """Give up the shard at once, and free its lease for as long as it is ours."""
        give_up_at = self._valid_until + self._settings.margin_seconds
        if self.held:
            logger.info("shard %d: released", self.shard)
        self._drop()
        self._releasing += 1
        try:
            async with self.pace.lock:
                await self._writer.release(self._name, flushed_through, give_up_at=give_up_at)
        finally:
            self._releasing -= 1

    async def _acquire(self, claim: Claim) -> None:
        if not await self._admit():
            await self._writer.release(self._name, claim.flushed_through, give_up_at=self._clock())
            self.pace.failed(self._clock())
        elif self._until(claim) <= self._clock():
            self.pace.failed(self._clock())
        elif not self._releasing:
            self.held = True
            self._extend(claim)
            logger.info("shard %d: acquired", self.shard)
            self._events.on_acquired(self.shard, Handover(claim.flushed_through))

    async def _settle_outage(self, claim: Claim) -> None:
        """Go on if nobody had the shard after our lease had run out; else lose it."""
        if claim.renewed and await self._admit():
            if self.held:
                self._extend(claim)
        elif claim.renewed and self._clock() < self._outage.reach:
            # The API server went away again before it could tell.
            self.pace.failed(self._clock())
        elif self.held:
            self._lose("others may have had its lease meanwhile")
            self.pace.due_at = self._clock()

    def _extend(self, claim: Claim) -> None:
        self._renewed_at = claim.sent_at
        self._valid_until = self._until(claim)
        self._hold_until(self._valid_until)

    def _go_on(self, now: float) -> None:
        """Hold the shard for as long as the API server's absence allows."""
        bound = self._outage.bound(self._renewed_at)
        until = max(self._valid_until, min(bound, max(self.until, self._outage.reach)))
        if self.until <= self._valid_until < until:
            told = "shard %d: fired without the API server, for %.0f s at most"
            logger.warning(told, self.shard, bound - now)
        if until != self.until:
            self._hold_until(until)

    def _hold_until(self, until: float) -> None:
        self.until = until
        if not self.draining:
            self.fires_until = until

    def _until(self, claim: Claim) -> float:
        return claim.sent_at + self._settings.validity_seconds

    def _lose(self, why: str) -> None:
        logger.warning("shard %d: lost, because %s", self.shard, why)
        self._drop()
        self._events.on_lost(self.shard)

    def _drop(self) -> None:
        self.held = self.draining = False
        self.until = self.fires_until = self._valid_until = -inf

"""writer claims and releases leases for one replica."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crontask_kube.errors import ApiError, ConflictError, NotFoundError
from crontask_operator.ownership.pace import backoff_seconds
from crontask_operator.ownership.record import UNKNOWN_HOLDER, LeaseKind, LeaseRecord
from crontask_operator.ownership.store import LeaseStore, OutageLog
from crontask_operator.ownership.view import LeaseView


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease that was written in our name.

    `sent_at` is the local moment just before the request left, from which our time
    counts. `flushed_through` is what a previous holder left when it released the lease.
    `renewed` says that the version which was overwritten was in our name already.
    """

    sent_at: float
    flushed_through: str
    renewed: bool


class LeaseWriter:
    """Reads, changes and writes a lease as one step, or finds that somebody else did.

    The caller sees to it that nothing else writes the same lease for this replica at
    the same time.
    """

    def __init__(
        self,
        store: LeaseStore,
        view: LeaseView,
        *,
        identity: str,
        shards: int,
        duration_seconds: int,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        outage: OutageLog,
    ) -> None:
        self._store = store
        self._view = view
        self._identity = identity
        self._shards = shards
        self._duration_seconds = duration_seconds
        self._clock = clock
        self._now = now
        self._outage = outage

    async def claim(self, name: str, kind: LeaseKind, *, owned: bool = False) -> Claim | None:
        """Acquire or renew a lease; None if it was not to be had this time.

        A lease is acquired only by overwriting the version that was seen to be free, so
        a request that arrives too late changes nothing. `owned` says that our time is
        not over: a lease of unknown holder, put in the place of ours, is ours.
        """
        seen = self._view.get(name)
        if seen is None:
            await self._create(name, kind)
            seen = self._view.get(name)
        ours = ("", self._identity, UNKNOWN_HOLDER) if owned else ("", self._identity)
        if seen is None or seen.holder(self._clock()) not in ours:
            return None
        stored = seen.record
        wanted = stored.claimed(
            self._identity, seconds=self._duration_seconds, shards=self._shards, now=self._now()
        )
        sent_at = self._clock()
        try:
            written = await self._store.update(wanted)
        except ApiError as error:
            await self._recover(name, error)
            return None
        self._outage.worked()
        self._view.see(written, self._clock())
        if written.resource_version == stored.resource_version:
            # Nothing differed, so nothing was stored, and nobody saw a renewal.
            return None
        return Claim(
            sent_at,
            "" if stored.holder else stored.flushed_through,
            renewed=stored.holder == self._identity,
        )

    async def release(self, name: str, flushed_through: str, *, give_up_at: float) -> None:
        """Free a lease that is ours; let it run out if that fails until `give_up_at`."""
        failures = 0
        while (seen := self._view.get(name)) is not None:
            if seen.record.holder != self._identity:
                return
            try:
                written = await self._store.update(seen.record.released(flushed_through))
            except ApiError as error:
                await self._recover(name, error)
            else:
                self._view.see(written, self._clock())
                return
            failures += 1
            if self._clock() >= give_up_at:
                return
            await asyncio.sleep(backoff_seconds(failures))

    async def delete(self, name: str) -> None:
        """Delete a lease in the version last seen; leave it if that is not the newest."""
        seen = self._view.get(name)
        if seen is None:
            return
        try:
            await self._store.delete(seen.record)
        except ApiError as error:
            await self._recover(name, error)
        else:
            self._view.gone(name)

    async def _create(self, name: str, kind: LeaseKind) -> None:
        """Create a lease without taking it.

        Where one may have been deleted while it was held, everybody has to wait until
        its holder's time is over.
        """
        new = kind is LeaseKind.MEMBER or self._view.never_existed(name)
        record = LeaseRecord(
            name,
            kind,
            holder="" if new else UNKNOWN_HOLDER,
            duration_seconds=self._duration_seconds,
            shards=self._shards,
        )
        try:
            self._view.see(await self._store.create(record), self._clock())
        except ApiError as error:
            await self._recover(name, error)

    async def _recover(self, name: str, error: ApiError) -> None:
        """Learn what a failed write means for the lease `name`."""
        match error:
            case NotFoundError():
                self._view.gone(name)
            case ConflictError():
                try:
                    self._view.see(await self._store.read(name), self._clock(), newest=True)
                except NotFoundError:
                    self._view.gone(name)
                except ApiError as unavailable:
                    self._outage.failed(unavailable)
            case _:
                self._outage.failed(error)

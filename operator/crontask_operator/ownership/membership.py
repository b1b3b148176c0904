"""membership says which replicas take part, for the keeper to share shards out fairly.

Each replica keeps a Lease of its own. The shards' leases alone would not do: a replica
that holds none, as a standby or a new one, would be invisible to those who should hand
some over.
"""

import asyncio
from collections.abc import Callable

from crontask_operator.ownership.pace import Pace
from crontask_operator.ownership.record import LeaseKind, member_name
from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.view import LeaseView
from crontask_operator.ownership.writer import LeaseWriter


class Membership:
    """Our own membership, and what is seen of the others'."""

    def __init__(
        self,
        writer: LeaseWriter,
        view: LeaseView,
        *,
        identity: str,
        shards: int,
        settings: LeaseSettings,
        clock: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._view = view
        self._identity = identity
        self._shards = shards
        self._settings = settings
        self._clock = clock
        self._name = member_name(identity)
        self.pace = Pace()
        self.joined = asyncio.Event()
        self.leaving = False

    async def renew(self) -> None:
        """Join, or stay."""
        async with self.pace.lock:
            if self.leaving:
                return
            claim = await self._writer.claim(self._name, LeaseKind.MEMBER)
            if claim is None:
                self.pace.failed(self._clock())
            else:
                self.pace.succeeded(claim.sent_at + self._settings.renew_seconds)
                self.joined.set()

    async def leave(self) -> None:
        """Take part no longer. If the API server is away, the membership runs out."""
        self.leaving = True
        async with self.pace.lock:
            await self._writer.delete(self._name)

    def members(self, now: float) -> dict[str, bool]:
        """Return the live members, and of each whether it has renewed yet.

        One whose lease of a shard ran out is gone, even if its membership, renewed a
        little later, still stands.
        """
        gone = {
            seen.record.holder
            for seen in self._view.of_kind(LeaseKind.SHARD)
            if seen.record.holder and not seen.holder(now)
        }
        return {
            seen.record.holder: seen.record.renew_time != seen.record.acquire_time
            for seen in self._view.of_kind(LeaseKind.MEMBER)
            if seen.holder(now) and seen.record.shards == self._shards
            if seen.record.holder not in gone
        }

    def has_stale(self, now: float) -> bool:
        """Return whether a membership is there to be deleted."""
        return any(now >= stale_at for stale_at in self.stale_at().values())

    async def sweep(self) -> None:
        """Delete the memberships of replicas that are long gone."""
        for name, stale_at in self.stale_at().items():
            if self._clock() >= stale_at:
                await self._writer.delete(name)

    def stale_at(self) -> dict[str, float]:
        """Return when each other membership may be deleted, if it is not renewed.

        That is a second duration after it ran out: a replica that wakes up late finds
        its membership and need not create it anew.
        """
        return {
            seen.record.name: seen.since + 2 * self._settings.duration_seconds
            for seen in self._view.of_kind(LeaseKind.MEMBER)
            if seen.record.name != self._name
        }

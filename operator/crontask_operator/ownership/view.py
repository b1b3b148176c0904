"""view keeps for one replica what it knows of all leases, and since when by its own clock.

Whether somebody else's lease has run out is judged from the local moment at which its
record was last seen to change. Wall times in the record are never compared, so clocks
may differ by any amount. Seeing late only makes the judgement later::

    renewal stored          seen here                          free here
    ----------|-----------------|------------- duration ------------|---

Time in which nothing was heard does not count: a renewal could not have been seen, and
after an outage that all replicas shared the owner is to renew before others take over::

    seen here    nothing heard       heard again                free here
    ----|-----------|--------------------|-------------------------|---
        |-- counts -|                    |--- rest of duration ----|
"""

from dataclasses import dataclass, replace
from math import inf

from crontask_operator.ownership.record import LeaseKind, LeaseRecord, shard_name
from crontask_operator.ownership.store import Change, Listing


@dataclass(frozen=True, slots=True)
class Sighting:
    """One version of a lease, and the local moment `since` which it is known."""

    record: LeaseRecord
    since: float

    @property
    def free_at(self) -> float:
        """The local moment from which on anybody may take the lease."""
        return self.since + (self.record.duration_seconds if self.record.holder else 0)

    def holder(self, now: float) -> str:
        """Return who holds the lease at `now`; empty if it is free or has run out."""
        return self.record.holder if now < self.free_at else ""


class LeaseView:
    """The latest known version of each lease, for a replica that counts `shards`.

    `patience_seconds` is the longest silence of a view that works.
    """

    def __init__(self, shards: int, *, patience_seconds: float) -> None:
        self._shards = shards
        self._patience_seconds = patience_seconds
        self._heard_at = -inf
        self._sightings: dict[str, Sighting] = {}
        self._known: set[str] = set()
        self._listed_at = inf
        self._began_alone = False

    @property
    def listed(self) -> bool:
        """Whether all leases were listed once. Before that, nothing counts as free."""
        return self._listed_at < inf

    def is_live(self, now: float) -> bool:
        """Return whether a renewal stored just now would be seen."""
        return now - self._heard_at <= self._patience_seconds

    def get(self, name: str) -> Sighting | None:
        """Return what is known of the lease `name`; None if it does not exist."""
        return self._sightings.get(name)

    def shard(self, shard: int) -> Sighting | None:
        """Return what is known of the lease of `shard`."""
        return self._sightings.get(shard_name(shard))

    def of_kind(self, kind: LeaseKind) -> list[Sighting]:
        """Return the sightings of one kind."""
        return [seen for seen in self._sightings.values() if seen.record.kind is kind]

    def is_alone(self, identity: str) -> bool:
        """Return whether `identity` alone held a lease, of any kind, when last heard.

        Time since then tells nothing of the others, whose leases could not be renewed.
        """
        return not any(
            seen.record.holder not in ("", identity) and self._heard_at < seen.free_at
            for seen in self._sightings.values()
        )

    def free_at(self, shard: int) -> float:
        """Return the local moment from which on anybody may try to take `shard`."""
        seen = self.shard(shard)
        return self._listed_at if seen is None else seen.free_at

    def never_existed(self, name: str) -> bool:
        """Return whether the lease `name` is missing because nobody created it yet.

        Otherwise it may have been deleted while somebody held it, who does not know yet.
        So this is true only for a lease that was never seen, by a replica that found
        no other when it began.
        """
        return self._began_alone and name not in self._known

    def divided_otherwise(self, now: float) -> bool:
        """Return whether somebody holds a shard of another number of shards than ours.

        It overlaps with all of ours. They meet while an operator with a new number of
        shards replaces an old one.
        """
        return any(
            seen.record.shards not in (0, self._shards) and seen.holder(now)
            for seen in self.of_kind(LeaseKind.SHARD)
        )

    def list_seen(self, listing: Listing, now: float) -> None:
        """Take in a listing. A lease that it lacks was deleted."""
        self._hear(now)
        names = {record.name for record in listing.records}
        for record in listing.records:
            self.see(record, now)
        for name, seen in list(self._sightings.items()):
            if name not in names and not _newer(seen.record, listing.resource_version):
                self.gone(name)
        if not self.listed:
            self._listed_at = now
            self._began_alone = not any(
                seen.record.shards == self._shards for seen in self.of_kind(LeaseKind.MEMBER)
            )

    def change_seen(self, change: Change, now: float) -> None:
        """Take in an event of the watch."""
        self._hear(now)
        if not change.deleted:
            self.see(change.record, now)
            return
        seen = self._sightings.get(change.record.name)
        if seen is not None and not _newer(seen.record, change.record.resource_version):
            self.gone(change.record.name)

    def see(self, record: LeaseRecord, now: float, *, newest: bool = False) -> None:
        """Take in one version, unless a later one is known.

        `newest` says that it comes from a read and not from a cache. It then counts
        even with a lower resource version, as after a restored backup.
        """
        if record.kind is LeaseKind.SHARD:
            # Members come and go under new names, which need not be kept.
            self._known.add(record.name)
        seen = self._sightings.get(record.name)
        if seen is None or (
            seen.record.resource_version != record.resource_version
            and (newest or not _newer(seen.record, record.resource_version))
        ):
            self._sightings[record.name] = Sighting(record, now)

    def gone(self, name: str) -> None:
        """Note that the lease `name` does not exist."""
        self._sightings.pop(name, None)

    def _hear(self, now: float) -> None:
        """Take note that the store answers, and do not count the silence before."""
        heard_at, self._heard_at = self._heard_at, now
        if heard_at == -inf or now - heard_at <= self._patience_seconds:
            return
        for name, seen in self._sightings.items():
            unseen = now - max(heard_at, seen.since)
            self._sightings[name] = replace(seen, since=seen.since + unseen)


def _newer(record: LeaseRecord, version: str) -> bool:
    """Whether `record` is a later version than `version`; the API promises whole numbers."""
    if not (version.isdecimal() and record.resource_version.isdecimal()):
        return False
    return int(record.resource_version) > int(version)

"""The part of a Lease that the protocol reads and writes."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from kubernetes.aio.client import V1Lease, V1LeaseSpec, V1ObjectMeta

from crontask_core.constants import GROUP, MANAGED_BY_LABEL

NAME: Final = "crontask-operator"
KIND_LABEL: Final = f"{GROUP}/lease"
SHARDS_ANNOTATION: Final = f"{GROUP}/shards"
FLUSHED_ANNOTATION: Final = f"{GROUP}/flushed-through"

UNKNOWN_HOLDER: Final = "unknown"
"""Holder of a lease put in the place of one that was deleted: whoever held that is no
longer told by it, and stops only when its time is over."""


class LeaseKind(StrEnum):
    """What a Lease stands for; the value of its label."""

    SHARD = "shard"
    """Its holder fires the tasks of one shard."""
    MEMBER = "member"
    """Its holder is a replica that takes part, even if it owns no shard."""


def shard_name(shard: int) -> str:
    """Return the name of the Lease of `shard`."""
    return f"{NAME}-{shard}"


def member_name(identity: str) -> str:
    """Return the name of the Lease of the replica `identity`, which may be of any length."""
    digest = hashlib.blake2b(identity.encode(), digest_size=8, person=b"crontask.member")
    return f"{NAME}-member-{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A Lease as the protocol sees it; without a resource version it does not exist yet.

    `holder` is empty when the lease is free. `shards` is the number of shards that the
    last holder divided the tasks into, 0 if it is unknown.
    """

    name: str
    kind: LeaseKind
    holder: str = ""
    duration_seconds: int = 0
    acquire_time: datetime | None = None
    renew_time: datetime | None = None
    transitions: int = 0
    flushed_through: str = ""
    shards: int = 0
    resource_version: str = ""

    @classmethod
    def parse(cls, lease: V1Lease) -> Self:
        """Read a Lease. What is missing or of no use counts as unset."""
        metadata = lease.metadata or V1ObjectMeta()
        spec = lease.spec or V1LeaseSpec()
        annotations = metadata.annotations or {}
        shards = annotations.get(SHARDS_ANNOTATION, "")
        member = (metadata.labels or {}).get(KIND_LABEL) == LeaseKind.MEMBER
        return cls(
            name=metadata.name or "",
            kind=LeaseKind.MEMBER if member else LeaseKind.SHARD,
            holder=spec.holder_identity or "",
            duration_seconds=spec.lease_duration_seconds or 0,
            acquire_time=spec.acquire_time,
            renew_time=spec.renew_time,
            transitions=spec.lease_transitions or 0,
            flushed_through=annotations.get(FLUSHED_ANNOTATION, ""),
            shards=int(shards) if shards.isdecimal() else 0,
            resource_version=metadata.resource_version or "",
        )

    def render(self) -> V1Lease:
        """Return the Lease to create, or the merge patch to apply.

        As a patch it holds for the very version it was computed from, and leaves
        other labels, annotations and owner references alone.
        """
        return V1Lease(
            metadata=V1ObjectMeta(
                name=self.name,
                resource_version=self.resource_version or None,
                labels={KIND_LABEL: self.kind.value, MANAGED_BY_LABEL: NAME},
                annotations={
                    SHARDS_ANNOTATION: str(self.shards),
                    FLUSHED_ANNOTATION: self.flushed_through,
                },
            ),
            spec=V1LeaseSpec(
                holder_identity=self.holder,
                lease_duration_seconds=self.duration_seconds,
                acquire_time=_micro_time(self.acquire_time),
                renew_time=_micro_time(self.renew_time),
                lease_transitions=self.transitions,
            ),
        )

    def claimed(self, holder: str, *, seconds: int, shards: int, now: datetime) -> Self:
        """Return the record in the hands of `holder`, acquired or renewed at `now`."""
        renewal = self.holder == holder
        return replace(
            self,
            holder=holder,
            duration_seconds=seconds,
            acquire_time=self.acquire_time if renewal else now,
            renew_time=now,
            transitions=self.transitions + (not renewal and self.acquire_time is not None),
            flushed_through="",
            shards=shards,
        )

    def released(self, flushed_through: str) -> Self:
        """Return the record without a holder."""
        return replace(self, holder="", flushed_through=flushed_through)


def _micro_time(moment: datetime | None) -> datetime | None:
    # The client leaves out a fraction of zero, and the API server then refuses the
    # whole Lease, since a MicroTime has six digits: one renewal in a million would fail.
    if moment is None or moment.microsecond:
        return moment
    return moment.replace(microsecond=1)

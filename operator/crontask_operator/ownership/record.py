"""record holds the part of a Lease that the protocol reads and writes, for its parts."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

import msgspec

from crontask_core.constants import GROUP, MANAGED_BY_LABEL

NAME: Final = "crontask-operator"
KIND_LABEL: Final = f"{GROUP}/lease"
SHARDS_ANNOTATION: Final = f"{GROUP}/shards"
FLUSHED_ANNOTATION: Final = f"{GROUP}/flushed-through"

UNKNOWN_HOLDER: Final = "unknown"
"""Holder of a lease that replaces a deleted one. Who held that one cannot be told, and
stops only when its time is over."""


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


class LeaseMetadata(msgspec.Struct, rename="camel"):
    """The part of a Lease's metadata that is read."""

    name: str
    resource_version: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class LeaseSpec(msgspec.Struct, rename="camel"):
    """The part of a Lease's spec that is read."""

    holder_identity: str = ""
    lease_duration_seconds: int = 0
    acquire_time: datetime | None = None
    renew_time: datetime | None = None
    lease_transitions: int = 0


class Lease(msgspec.Struct):
    """A Lease of the group coordination.k8s.io, as the API server answers it."""

    metadata: LeaseMetadata
    spec: LeaseSpec = msgspec.field(default_factory=LeaseSpec)


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
    def parse(cls, lease: Lease) -> Self:
        """Read a Lease. What is missing or of no use counts as unset."""
        metadata, spec = lease.metadata, lease.spec
        shards = metadata.annotations.get(SHARDS_ANNOTATION, "")
        member = metadata.labels.get(KIND_LABEL) == LeaseKind.MEMBER
        return cls(
            name=metadata.name,
            kind=LeaseKind.MEMBER if member else LeaseKind.SHARD,
            holder=spec.holder_identity,
            duration_seconds=spec.lease_duration_seconds,
            acquire_time=spec.acquire_time,
            renew_time=spec.renew_time,
            transitions=spec.lease_transitions,
            flushed_through=metadata.annotations.get(FLUSHED_ANNOTATION, ""),
            shards=int(shards) if shards.isdecimal() else 0,
            resource_version=metadata.resource_version,
        )

    def render(self) -> dict[str, Any]:
        """Return the Lease to create, or the merge patch to apply.

        As a patch it holds for the very version it was computed from, and leaves
        other labels, annotations and owner references alone.
        """
        metadata: dict[str, Any] = {
            "name": self.name,
            "labels": {KIND_LABEL: self.kind.value, MANAGED_BY_LABEL: NAME},
            "annotations": {
                SHARDS_ANNOTATION: str(self.shards),
                FLUSHED_ANNOTATION: self.flushed_through,
            },
        }
        if self.resource_version:
            metadata["resourceVersion"] = self.resource_version
        spec: dict[str, Any] = {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.duration_seconds,
            "leaseTransitions": self.transitions,
        }
        if self.acquire_time is not None:
            spec["acquireTime"] = _micro_time(self.acquire_time)
        if self.renew_time is not None:
            spec["renewTime"] = _micro_time(self.renew_time)
        return {"metadata": metadata, "spec": spec}

    def claimed(self, holder: str, *, seconds: int, shards: int, now: datetime) -> Self:
        """Return the record as held by `holder`, acquired or renewed at `now`."""
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


def _micro_time(moment: datetime) -> str:
    # The API server refuses a MicroTime that has not six digits of a second.
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

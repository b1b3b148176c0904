"""leases reads the Leases of the operator, which tell how its replicas and shards are.

The operator writes them (`docs/design/ownership.md`): one for each replica that takes part,
and one for each shard, whose holder fires its tasks. The clock of the API server's clients
decides nothing here; who looks is told what was renewed, and when.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from crontask_api.kube.session import RetryingSession
from crontask_core.constants import GROUP
from crontask_kube.errors import decoded
from crontask_kube.paths import Resource, resource_path

KIND_LABEL: Final = f"{GROUP}/lease"
SHARD: Final = "shard"
MOST: Final = 500
"""Leases that are read: of up to 256 shards, and of replicas."""


class _Metadata(msgspec.Struct):
    name: str
    labels: dict[str, str] = {}


class _Spec(msgspec.Struct, rename="camel"):
    holder_identity: str = ""
    lease_duration_seconds: int = 0
    acquire_time: datetime | None = None
    renew_time: datetime | None = None


class _Lease(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _Leases(msgspec.Struct):
    items: list[_Lease] = []


_DECODER: Final = msgspec.json.Decoder(_Leases)


@dataclass(frozen=True, slots=True)
class LeaseView:
    """One Lease; `shard` is None for that of a replica. A free one has no holder."""

    shard: int | None
    holder: str
    acquired: datetime | None
    renewed: datetime | None
    seconds: int
    """For how long it holds after it was renewed."""

    def is_held(self, now: float) -> bool:
        """Return whether its holder is alive at `now`, in seconds since the epoch."""
        return (
            bool(self.holder)
            and self.renewed is not None
            and self.renewed.timestamp() + self.seconds >= now
        )


async def read_leases(session: RetryingSession, namespace: str) -> list[LeaseView]:
    """Return the Leases of the operator in `namespace`.

    Raises
    ------
    ApiError
        If the API server refuses or is away.
    """
    query = {"labelSelector": KIND_LABEL, "limit": str(MOST)}
    path = resource_path(Resource.LEASES, namespace)
    found = decoded(_DECODER, await session.request("GET", path, query=query)).items
    return [_view(lease) for lease in found]


def _view(lease: _Lease) -> LeaseView:
    spec = lease.spec
    number = lease.metadata.name.rpartition("-")[2]
    is_shard = lease.metadata.labels.get(KIND_LABEL) == SHARD and number.isdecimal()
    return LeaseView(
        int(number) if is_shard else None,
        spec.holder_identity,
        spec.acquire_time,
        spec.renew_time,
        spec.lease_duration_seconds,
    )

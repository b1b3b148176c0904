"""lease_store keeps the leases of shards as Leases of the Kubernetes API, for the replicas."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import msgspec

from crontask_kube.errors import UnavailableError, decoded, refusal
from crontask_kube.names import check_namespace
from crontask_kube.paths import Resource, resource_path
from crontask_kube.session import JSON, MERGE_PATCH
from crontask_operator.kube.client import KubeApi
from crontask_operator.ownership.holder import ShardEvents
from crontask_operator.ownership.keeper import LeaseKeeper
from crontask_operator.ownership.record import KIND_LABEL, Lease, LeaseRecord
from crontask_operator.ownership.settings import LeaseSettings
from crontask_operator.ownership.store import Change, LeaseStore, Listing
from crontask_operator.process.metrics import count_api_error

OPERATION: Final = "lease"
"""What the metrics call a request about a lease."""

WATCH_SECONDS: Final = 240
"""The API server ends a watch after this."""


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class _Leases(msgspec.Struct):
    metadata: _ListMeta
    items: list[Lease]


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _Failure(msgspec.Struct):
    code: int = 0


_LEASE: Final = msgspec.json.Decoder(Lease)
_LEASES: Final = msgspec.json.Decoder(_Leases)
_EVENT: Final = msgspec.json.Decoder(_Event)
_FAILURE: Final = msgspec.json.Decoder(_Failure)
_ENCODER: Final = msgspec.json.Encoder()


def keep_leases(
    api: KubeApi,
    namespace: str,
    *,
    replica: str,
    shards: int,
    settings: LeaseSettings,
    events: ShardEvents,
    sees: Callable[[], bool],
) -> LeaseKeeper:
    """Return the keeper of `shards` by the Leases of `namespace`.

    `replica` names this replica for people, such as the name of its pod. A random part
    is added: a restarted container has its predecessor's name, but not its leases.
    """
    store = KubernetesLeaseStore(api, namespace, silence_seconds=settings.silence_seconds)
    identity = f"{replica}_{secrets.token_hex(4)}"
    return LeaseKeeper(
        store, identity=identity, shards=shards, settings=settings, events=events, sees=sees
    )


class KubernetesLeaseStore(LeaseStore):
    """The Leases of one namespace that carry the protocol's label.

    A watch that brings nothing for `silence_seconds` counts as broken.
    """

    def __init__(self, api: KubeApi, namespace: str, *, silence_seconds: float) -> None:
        self._api = api
        self._namespace = check_namespace(namespace, "CRONTASK_LEASE_NAMESPACE")
        self._silence_seconds = silence_seconds

    async def list_all(self) -> Listing:
        """Return the newest state of all leases."""
        answer = await self._request("GET", query={"labelSelector": KIND_LABEL})
        leases = decoded(_LEASES, answer)
        return Listing(
            tuple(map(LeaseRecord.parse, leases.items)), leases.metadata.resource_version
        )

    async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        """Yield every change after `resource_version`."""
        query = {
            "labelSelector": KIND_LABEL,
            "resourceVersion": resource_version,
            "timeoutSeconds": str(WATCH_SECONDS),
            "watch": "true",
        }
        async with aclosing(
            self._api.lines(self._path(), operation=OPERATION, query=query)
        ) as lines:
            while True:
                try:
                    async with asyncio.timeout(self._silence_seconds):
                        change = _change(await anext(lines))
                except StopAsyncIteration:
                    return
                except TimeoutError as silence:
                    error = UnavailableError("the watch of the leases brings nothing")
                    count_api_error(OPERATION, error)
                    raise error from silence
                yield change

    async def read(self, name: str) -> LeaseRecord:
        """Return the newest state of one lease."""
        return _record(await self._request("GET", name))

    async def create(self, record: LeaseRecord) -> LeaseRecord:
        """Create a lease."""
        return _record(await self._request("POST", body=record.render()))

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        """Patch the lease if it still is the version that `record` names."""
        return _record(
            await self._request(
                "PATCH", record.name, body=record.render(), content_type=MERGE_PATCH
            )
        )

    async def delete(self, record: LeaseRecord) -> None:
        """Delete the lease if it still is the version that `record` names."""
        preconditions = {"resourceVersion": record.resource_version}
        await self._request("DELETE", record.name, body={"preconditions": preconditions})

    def _path(self, name: str | None = None) -> str:
        return resource_path(Resource.LEASES, self._namespace, name)

    async def _request(
        self,
        method: str,
        name: str | None = None,
        *,
        body: object = None,
        content_type: str = JSON,
        query: dict[str, str] | None = None,
    ) -> bytes:
        return await self._api.request(
            method,
            self._path(name),
            operation=OPERATION,
            body=None if body is None else _ENCODER.encode(body),
            content_type=content_type,
            query=query,
        )


def _record(answer: bytes) -> LeaseRecord:
    return LeaseRecord.parse(decoded(_LEASE, answer))


def _change(line: bytes) -> Change:
    event = decoded(_EVENT, line)
    if event.type == "ERROR":
        error = refusal(decoded(_FAILURE, event.object).code, event.object)
        count_api_error(OPERATION, error)
        raise error
    return Change(LeaseRecord.parse(decoded(_LEASE, event.object)), event.type == "DELETED")

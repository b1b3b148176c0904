"""Leases of the Kubernetes API, with its answers sorted."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable
from http.client import responses
from typing import TypeVar

from kubernetes.aio.client import (
    ApiClient,
    ApiException,
    CoordinationV1Api,
    V1DeleteOptions,
    V1Lease,
    V1Preconditions,
)
from kubernetes.aio.watch import Watch

from crontask_kube.names import check_namespace, check_object_name
from crontask_logs import describe, hide_credentials
from crontask_operator.ownership.errors import (
    LeaseConflictError,
    LeaseError,
    LeaseNotFoundError,
    LeaseUnavailableError,
)
from crontask_operator.ownership.record import KIND_LABEL, LeaseRecord
from crontask_operator.ownership.store import Change, LeaseStore, Listing
from crontask_operator.process.metrics import count_api_error

T = TypeVar("T")

MERGE_PATCH = "application/merge-patch+json"

WATCH_SECONDS = 240
"""The server ends a watch after this. The client of the kubernetes package would cut
it at 300 s, which looks like a fault."""


class KubernetesLeaseStore(LeaseStore):
    """The Leases of one namespace that carry the protocol's label.

    `timeout_seconds` bounds each request; a watch that brings nothing for
    `silence_seconds` counts as broken.
    """

    def __init__(
        self, api: ApiClient, namespace: str, *, timeout_seconds: float, silence_seconds: float
    ) -> None:
        self._api = CoordinationV1Api(api)
        # The generated client builds the paths itself: it quotes, but "..", which it
        # leaves as it is, would be a step upwards.
        self._namespace = check_namespace(namespace, "CRONTASK_LEASE_NAMESPACE")
        self._timeout_seconds = timeout_seconds
        self._silence_seconds = silence_seconds
        # Reused, since making one costs 36 ms: it reads the system's certificates.
        self._watch = Watch()

    async def list_all(self) -> Listing:
        """Return the newest state of all leases."""
        leases = await self._bounded(
            self._api.list_namespaced_lease(self._namespace, label_selector=KIND_LABEL)
        )
        version = leases.metadata.resource_version if leases.metadata else None
        return Listing(tuple(map(LeaseRecord.parse, leases.items)), version or "")

    async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        """Yield every change after `resource_version`; one watch at a time."""
        events = self._watch.stream(
            self._api.list_namespaced_lease,
            self._namespace,
            label_selector=KIND_LABEL,
            resource_version=resource_version,
            timeout_seconds=WATCH_SECONDS,
        )
        try:
            while True:
                try:
                    async with asyncio.timeout(self._silence_seconds):
                        event = await anext(events)
                    lease = event["object"]
                    deleted = event["type"] == "DELETED"
                except StopAsyncIteration:
                    return
                except Exception as error:
                    # Watch raises a bare Exception, or returns text, for an answer it
                    # cannot read. Whatever it was, the remedy is to list again.
                    raise _sorted(error) from error
                yield Change(LeaseRecord.parse(lease), deleted)
        finally:
            await self._watch.close()

    async def read(self, name: str) -> LeaseRecord:
        """Return the newest state of one lease."""
        return await self._record(self._api.read_namespaced_lease(_checked(name), self._namespace))

    async def create(self, record: LeaseRecord) -> LeaseRecord:
        """Create a lease."""
        return await self._record(
            self._api.create_namespaced_lease(self._namespace, record.render())
        )

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        """Patch the lease if it still is the version that `record` names."""
        return await self._record(
            self._api.patch_namespaced_lease(
                _checked(record.name), self._namespace, record.render(), _content_type=MERGE_PATCH
            )
        )

    async def delete(self, record: LeaseRecord) -> None:
        """Delete the lease if it still is the version that `record` names."""
        version = V1Preconditions(resource_version=record.resource_version)
        await self._bounded(
            self._api.delete_namespaced_lease(
                _checked(record.name), self._namespace, body=V1DeleteOptions(preconditions=version)
            )
        )

    async def _record(self, request: Awaitable[V1Lease]) -> LeaseRecord:
        return LeaseRecord.parse(await self._bounded(request))

    async def _bounded(self, request: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await request
        except Exception as error:
            # Of an answer that is no Lease, such as a proxy's page, the generated
            # client raises whatever its parser stumbles over.
            raise _sorted(error) from error


def _checked(name: str) -> str:
    return check_object_name(name, "metadata.name of a Lease")


def _sorted(error: Exception) -> LeaseError:
    count_api_error("lease", error.status if isinstance(error, ApiException) else 0)
    if isinstance(error, ApiException):
        title = f"{error.status} {responses.get(error.status, '')}"
        message = f"{title}: {_words(error)}".rstrip(": ")
        match error.status:
            case 404:
                return LeaseNotFoundError(message)
            case 409:
                return LeaseConflictError(message)
            case _:
                return LeaseUnavailableError(message)
    return LeaseUnavailableError(describe(error))


def _words(error: ApiException) -> str:
    """Return the API server's own words; a proxy's page may show the request's token."""
    if error.body is None:
        # Of a watch that ends with an error, the package has put them here.
        return hide_credentials(str(error.reason or ""))
    try:
        return hide_credentials(str(json.loads(error.body or "{}").get("message", "")))
    except (ValueError, AttributeError):
        return "an answer that is none of the Kubernetes API"

"""Shards held by Leases of the Kubernetes API."""

import secrets
from collections.abc import Callable
from datetime import datetime

from kubernetes.aio.client import ApiClient

from crontask_operator.ownership.base import Handover
from crontask_operator.ownership.clock import boot_seconds, utc_now
from crontask_operator.ownership.keeper import LeaseKeeper
from crontask_operator.ownership.kube_store import KubernetesLeaseStore
from crontask_operator.ownership.settings import LeaseSettings


class ShardLeases(LeaseKeeper):
    """A `LeaseKeeper` over the Leases of `namespace`.

    `identity` names this replica for people, such as the name of its pod. A random part
    is added: a restarted container has its predecessor's name, but not its leases.
    """

    def __init__(
        self,
        api: ApiClient,
        *,
        identity: str,
        namespace: str,
        shards: int,
        settings: LeaseSettings,
        on_acquired: Callable[[int, Handover], None],
        on_lost: Callable[[int], None],
        on_drain: Callable[[int], None],
        sees: Callable[[], bool],
        monotonic: Callable[[], float] = boot_seconds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        store = KubernetesLeaseStore(
            api,
            namespace,
            timeout_seconds=settings.request_timeout_seconds,
            silence_seconds=settings.silence_seconds,
        )
        super().__init__(
            store,
            identity=f"{identity}_{secrets.token_hex(4)}",
            shards=shards,
            settings=settings,
            on_acquired=on_acquired,
            on_lost=on_lost,
            on_drain=on_drain,
            sees=sees,
            monotonic=monotonic,
            now=now,
        )

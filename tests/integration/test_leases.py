"""Shards held by Leases of a real API server, with the chart's rights."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kubernetes.aio import config
from kubernetes.aio.client import Configuration

from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore, keep_leases
from crontask_operator.ownership import Handover, LeaseSettings, ShardEvents
from crontask_operator.ownership.store import LeaseStore
from dev.control_plane import ControlPlane
from tests.support.wait import eventually
from tests.unit.ownership.contract import CONTRACT

LONG = LeaseSettings(
    duration_seconds=600,
    renew_seconds=0.5,
    margin_seconds=60,
    request_timeout_seconds=20,
    grace_seconds=300,
)
"""Whatever changes hands under these settings was handed over: nothing runs out."""

SHORT_SECONDS = 4
"""A lease that runs out within a test, and yet not because the machine is busy."""

PATIENCE_SECONDS = 60.0


@pytest.fixture
async def api(lease_kubeconfig: Path) -> AsyncIterator[KubeApi]:
    async with client_of(lease_kubeconfig) as client:
        yield client


@asynccontextmanager
async def client_of(kubeconfig: Path) -> AsyncIterator[KubeApi]:
    configuration = Configuration()
    await config.load_kube_config(str(kubeconfig), client_configuration=configuration)
    async with KubeApi(configuration, timeout_seconds=LONG.request_timeout_seconds) as client:
        yield client


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
async def test_the_api_server_keeps_the_contract(
    api: KubeApi, namespace: str, clause: Callable[[LeaseStore], Awaitable[None]]
) -> None:
    await clause(KubernetesLeaseStore(api, namespace, silence_seconds=20))


@dataclass
class Replica:
    """A replica in this process, with an engine that has always flushed already."""

    api: KubeApi
    namespace: str
    name: str
    shards: int = 1
    settings: LeaseSettings = LONG
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leases = keep_leases(
            self.api,
            self.namespace,
            replica=self.name,
            shards=self.shards,
            settings=self.settings,
            events=ShardEvents(
                self._on_acquired,
                on_lost=lambda shard: self.told.append(f"lost {shard}"),
                on_drain=self._on_drain,
            ),
            sees=lambda: True,
        )

    @property
    def owned(self) -> set[int]:
        return {shard for shard in range(self.shards) if self.leases.owns(shard)}

    def _on_acquired(self, shard: int, handover: Handover) -> None:
        self.told.append(f"acquired {shard} {handover.flushed_through or 'unknown'}")

    def _on_drain(self, shard: int) -> None:
        self._release = asyncio.ensure_future(self.leases.release(shard, "flushed"))
        RELEASES.add(self._release)
        self._release.add_done_callback(RELEASES.discard)


RELEASES: set[asyncio.Future[None]] = set()


class Replicas:
    """Replicas in this process, which run until the test ends or they are stopped."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._namespace = namespace
        self._runs: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, *, shards: int = 1, settings: LeaseSettings = LONG) -> Replica:
        replica = Replica(self._api, self._namespace, name, shards, settings)
        self._runs[name] = asyncio.create_task(replica.leases.run())
        return replica

    async def stop(self, replica: Replica) -> None:
        await replica.leases.release_all("final")
        await self.end(replica.name)

    async def end(self, name: str) -> None:
        run = self._runs.pop(name)
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run

    async def end_all(self) -> None:
        for name in list(self._runs):
            await self.end(name)


@pytest.fixture
async def replicas(api: KubeApi, namespace: str) -> AsyncIterator[Replicas]:
    started = Replicas(api, namespace)
    yield started
    await started.end_all()


async def test_a_shard_that_is_released_is_taken_at_once(replicas: Replicas) -> None:
    owner = replicas.start("a")
    await eventually(lambda: owner.owned == {0})
    standby = replicas.start("b")
    await standby.leases.ready.wait()
    await replicas.stop(owner)

    await eventually(lambda: standby.owned == {0}, PATIENCE_SECONDS)
    assert standby.told == ["acquired 0 final"]


async def test_sixteen_shards_follow_the_replicas(replicas: Replicas) -> None:
    def loads(*running: Replica) -> list[int]:
        shards: set[int] = set().union(*(replica.owned for replica in running))
        assert sum(len(replica.owned) for replica in running) == len(shards)
        return sorted(len(replica.owned) for replica in running)

    first = replicas.start("a", shards=16)
    await eventually(lambda: loads(first) == [16], PATIENCE_SECONDS)
    second, third = (replicas.start(name, shards=16) for name in "bc")
    await eventually(lambda: loads(first, second, third) == [5, 5, 6], PATIENCE_SECONDS)
    await replicas.stop(first)
    await eventually(lambda: loads(second, third) == [8, 8], PATIENCE_SECONDS)


async def test_a_lease_that_somebody_deletes_stays_its_owners(
    control_plane: ControlPlane, replicas: Replicas, namespace: str
) -> None:
    owner = replicas.start("a")
    standby = replicas.start("b")
    await eventually(lambda: owner.owned | standby.owned == {0}, PATIENCE_SECONDS)
    holder = owner.leases.identity if owner.owned else standby.leases.identity
    within = ("--namespace", namespace)
    await asyncio.to_thread(
        control_plane.kubectl, "delete", "lease", "crontask-operator-0", *within
    )

    async def again_held_by() -> str:
        return await asyncio.to_thread(
            control_plane.kubectl, "get", "lease", "crontask-operator-0", *within,
            "--ignore-not-found", "--output=jsonpath={.spec.holderIdentity}",
        )  # fmt: skip

    async def is_back() -> bool:
        return await again_held_by() == holder

    await eventually(is_back, PATIENCE_SECONDS)
    assert len(owner.told) + len(standby.told) == 1, "it was lost and acquired again"


async def test_what_others_wrote_on_a_lease_stays(
    control_plane: ControlPlane, replicas: Replicas, namespace: str
) -> None:
    owner = replicas.start("a")
    await eventually(lambda: owner.owned == {0}, PATIENCE_SECONDS)

    def lease(*arguments: str) -> str:
        return control_plane.kubectl(*arguments, "--namespace", namespace)

    name = "lease/crontask-operator-0"
    await asyncio.to_thread(lease, "annotate", name, "example.com/note=kept")

    def renewals() -> str:
        return lease("get", name, "--output=jsonpath={.spec.renewTime}")

    before = await asyncio.to_thread(renewals)

    async def renewed() -> bool:
        return await asyncio.to_thread(renewals) != before

    await eventually(renewed, PATIENCE_SECONDS)
    assert "kept" in await asyncio.to_thread(lease, "get", name, "--output=yaml")
    assert owner.told == ["acquired 0 unknown"]


@pytest.mark.usefixtures("api_server_comes_back")
async def test_an_api_server_that_is_away_ends_ownership_and_not_the_process(
    control_plane: ControlPlane, replicas: Replicas
) -> None:
    settings = LeaseSettings.for_duration(SHORT_SECONDS)
    running = [replicas.start(name, settings=settings) for name in "ab"]

    def owners() -> list[str]:
        return [replica.name for replica in running if replica.owned]

    await eventually(lambda: len(owners()) == 1, PATIENCE_SECONDS)
    await asyncio.to_thread(control_plane.kill_api_server)
    await eventually(lambda: not owners(), PATIENCE_SECONDS)
    await asyncio.to_thread(control_plane.start_api_server)
    await eventually(lambda: len(owners()) == 1, PATIENCE_SECONDS)
    assert sum(event == "lost 0" for replica in running for event in replica.told) >= 1

"""The API server may fail in any way: nobody dies of it, and all of it heals."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from crontask_kube.errors import UnauthorizedError, UnavailableError
from crontask_operator.ownership.pace import backoff_seconds
from crontask_operator.ownership.record import LeaseRecord, shard_name
from crontask_operator.ownership.store import Change, Listing
from tests.unit.ownership.fake_store import LeaseServer, Link
from tests.unit.ownership.world import SETTINGS, World, run_virtually


class WithoutWatch(Link):
    """A way to the API server that carries no watch, as some proxies do not."""

    async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        self.requests.append("watch")
        raise UnavailableError("no watch here")
        yield


def test_without_watches_a_release_is_noticed_by_polling() -> None:
    async def story() -> None:
        world = World()
        owner = world.start("a")
        await world.watch(10)
        standby = world.start("b", link=WithoutWatch)
        await world.watch(20)
        await owner.stop()
        await world.watch(1.1)
        assert standby.owned() == {0}
        await world.end()

    run_virtually(story())


def test_a_standby_asks_for_little() -> None:
    async def story() -> None:
        world = World()
        world.start("a")
        await world.watch(10)
        standby = world.start("b")
        await world.watch(10)
        standby.link.requests.clear()
        await world.watch(600)
        # It renews its own membership; all else it is told by the watch.
        assert len(standby.link.requests) == pytest.approx(600 / SETTINGS.renew_seconds, abs=2)
        await world.end()

    run_virtually(story())


def test_a_restored_backup_is_believed() -> None:
    async def story() -> None:
        world = World()
        owner, standby = world.start("a"), world.start("b")
        await world.watch(600)
        restore_backup(world.server)
        await world.watch(40)
        assert owner.owned() | standby.owned() == {0}
        assert len(owner.owned()) + len(standby.owned()) == 1
        assert len(world.server.members()) == 2
        await world.end()

    def restore_backup(server: LeaseServer) -> None:
        """Set every counter back, as etcd does, behind the back of every watch."""
        server.revision = 0
        for record in list(server.leases.values()):
            server.revision += 1
            server.leases[record.name] = replace(record, resource_version=str(server.revision))
        server.history.clear()
        server.times.clear()

    run_virtually(story())


def test_an_owner_learns_that_somebody_took_its_lease_by_force() -> None:
    async def story() -> None:
        world = World()
        owner = world.start("a")
        await world.watch(7)
        # As a person who edits the lease.
        stolen = replace(world.server.read(shard_name(0)), holder="thief")
        world.server.update(stolen)
        await world.watch(0.5)
        assert not owner.keeper.owns(0)
        assert owner.told == ["acquired 0", "lost 0"]

        await world.watch(SETTINGS.duration_seconds)
        assert owner.keeper.owns(0)
        await world.end()

    run_virtually(story())


class Unauthorized(Link):
    """A way to an API server that accepts our token, or none."""

    accepts = True

    async def list_all(self) -> Listing:
        self._check()
        return await super().list_all()

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        self._check()
        return await super().update(record)

    async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
        self._check()
        async for change in super().watch(resource_version):
            self._check()
            yield change

    def _check(self) -> None:
        if not self.accepts:
            raise UnauthorizedError("Unauthorized", status=401)


def test_a_token_that_is_good_again_is_used_within_two_seconds() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", link=Unauthorized)
        await world.watch(9.9)
        assert isinstance(replica.link, Unauthorized)
        replica.link.accepts = False
        await world.watch(12)
        assert replica.owned() == set()
        replica.link.accepts = True
        await world.watch(2)
        assert replica.owned() == {0}
        await world.end()

    run_virtually(story())


def test_an_outage_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", shards=8)
        await world.watch(10)
        replica.link.cut()
        await world.watch(120)
        replica.link.mend()
        await world.watch(10)
        await world.end()

    run_virtually(story())

    lines = [line for line in caplog.messages if "written" in line]
    assert [line.split(",")[0] for line in lines] == [
        "leases cannot be read or written",
        "leases can be read and written again",
    ]


def test_the_backoff_doubles_up_to_its_bound() -> None:
    waits = [backoff_seconds(failures, jitter=lambda: 0.0) for failures in (1, 2, 3, 4, 5, 1000)]

    assert waits == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert backoff_seconds(1000, jitter=lambda: 1.0) == 0.5


def test_run_ends_when_it_is_cancelled_in_the_middle_of_requests() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", shards=8)
        await world.watch(4.9)
        replica.link.cut()
        await asyncio.sleep(0.2)
        await replica.kill()
        assert not replica.alive
        await world.end()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(story())

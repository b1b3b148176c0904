"""What an owner may rely on: its own clock, and nothing else."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.unit.ownership.world import SETTINGS, Clock, Replica, World, run_virtually


def test_a_process_that_was_paused_owns_nothing_when_it_wakes() -> None:
    async def story() -> None:
        world = World()
        clock = Clock()
        replica = world.start("a", clock=clock)
        await world.watch(7)
        assert replica.keeper.owns(0)

        # In the middle of a burst the clock jumps, and no line of the keeper has run.
        clock.offset += SETTINGS.duration_seconds
        assert not replica.keeper.owns(0)
        assert replica.keeper.held == frozenset()

        await world.watch(SETTINGS.renew_seconds)
        assert replica.told == ["acquired 0", "lost 0", "acquired 0"]
        await world.end()

    run_virtually(story())


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_hold_counts_from_when_it_was_asked_for() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", delay=lambda: 1.5)
        # Each request takes 3 s: list, create and update the membership, create the
        # lease, update it (sent at 12 s, answered at 15 s), and list.
        await world.watch(18.5)
        assert replica.told == ["acquired 0"]
        replica.link.cut()

        await world.watch(12 + SETTINGS.validity_seconds - 0.1 - 18.5)
        assert replica.keeper.owns(0)
        await world.watch(0.2)
        assert not replica.keeper.owns(0)
        await world.end()

    run_virtually(story())


def test_an_answer_that_comes_too_late_is_no_renewal_but_a_new_acquisition() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a")
        await world.watch(1)
        replica.link.requests.clear()
        # The renewal that is sent at 5 s is stored and answered at 15 s.
        replica.link.delay = lambda: 10.0 if now() < 6 else 0.0
        replica.link.timeout_seconds = 60
        await world.watch(20)

        assert replica.told == ["acquired 0", "lost 0", "acquired 0"]
        assert "list" in replica.link.requests, "nobody asked whether others came in between"
        await world.end()

    run_virtually(story())


class StoppedWallClock(Clock):
    """A machine whose wall time stands still, as after a step back at a bad moment."""

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)


def test_a_write_that_changes_nothing_is_no_renewal() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", clock=StoppedWallClock())
        await world.watch(1)
        assert replica.keeper.owns(0)

        # The API server stores nothing, so no other replica sees that we are alive.
        await world.watch(SETTINGS.validity_seconds)
        assert not replica.keeper.owns(0)
        await world.end()

    run_virtually(story())


@pytest.mark.parametrize("rate", [0.95, 1.05], ids=["slow", "fast"])
def test_clocks_may_drift_within_the_margin(rate: float) -> None:
    assert run_virtually(verdicts_on(Clock(rate=rate), Clock(rate=2.0 - rate))) == []


def test_the_referee_sees_clocks_that_drift_too_far() -> None:
    assert run_virtually(verdicts_on(Clock(rate=0.8), Clock()))


async def verdicts_on(owners: Clock, others: Clock) -> list[str]:
    """Cut an owner off and return what the referee notes when the other takes over."""
    world = World()
    owner = world.start("owner", clock=owners)
    await asyncio.sleep(1)
    world.start("other", clock=others)
    await asyncio.sleep(60)
    owner.link.cut()
    for _ in range(100):
        await asyncio.sleep(0.25)
        world.look()
    await world.end()
    return world.verdicts


class SuspendedClock(Clock):
    """CLOCK_MONOTONIC of a machine that is suspended; CLOCK_BOOTTIME goes on."""

    stopped_at: float | None = None

    def monotonic(self) -> float:
        return super().monotonic() if self.stopped_at is None else self.stopped_at

    def suspend(self) -> None:
        self.stopped_at = super().monotonic()

    def resume(self) -> None:
        assert self.stopped_at is not None
        self.offset -= super().monotonic() - self.stopped_at
        self.stopped_at = None


async def suspend(world: World, replica: Replica, seconds: float) -> None:
    """Suspend the machine of `replica`: it neither sends, nor receives, nor fires."""
    clock = replica.clock
    replica.link.cut()
    if isinstance(clock, SuspendedClock):
        clock.suspend()
    await asyncio.sleep(seconds)
    if isinstance(clock, SuspendedClock):
        clock.resume()
    world.look()
    replica.link.mend()


@pytest.mark.parametrize(
    ("clock", "owners"),
    [
        pytest.param(Clock(), ["b"], id="CLOCK_BOOTTIME"),
        pytest.param(SuspendedClock(), ["a", "b"], id="CLOCK_MONOTONIC would not do"),
    ],
)
def test_a_machine_that_was_suspended(clock: Clock, owners: list[str]) -> None:
    async def story() -> None:
        world = World()
        suspended = world.start("a", clock=clock)
        await asyncio.sleep(1)
        world.start("b")
        await asyncio.sleep(20)
        await suspend(world, suspended, 60)
        assert [replica.name for replica in world.replicas if replica.owned()] == owners
        await world.end()

    run_virtually(story())

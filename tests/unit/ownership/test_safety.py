"""Never two owners: random faults against the protocol, under the eyes of a referee.

Requests and events take up to 6 s each way, far longer than a sender waits, and arrive
even after it gave up. Clocks are off by days and drift by as much as the margin allows.
"""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crontask_operator.ownership.record import shard_name
from tests.unit.ownership.world import SETTINGS, Clock, Replica, World, latency, run_virtually

PLACES = 3
SHARDS = 3
OTHER_SHARDS = 2

BEGIN_SECONDS = 30.0
"""By then all have seen each other. Before, a lease that somebody deletes looks to those
who have not seen it like one that nobody created yet."""

EFFECT_SECONDS = 1.5 * SETTINGS.duration_seconds
CALM_SECONDS = 4.0 * SETTINGS.duration_seconds


@dataclass(frozen=True)
class Fault:
    """What befalls the replica at one of the places, `after` seconds."""

    after: float
    place: int
    kind: str


def faults(*kinds: str) -> st.SearchStrategy[list[Fault]]:
    fault = st.builds(
        Fault, st.floats(0.0, 12.0), st.integers(0, PLACES - 1), st.sampled_from(kinds)
    )
    return st.lists(fault, max_size=12)


class Stage:
    """Replicas at their places; one that ends is replaced by a new one."""

    settings = SETTINGS
    longest_delay = 6.0

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - reproducible, no secret
        self.world = World()
        self.places = [self.replica(f"r{place}", SHARDS) for place in range(PLACES)]

    def replica(self, name: str, shards: int) -> Replica:
        return self.world.start(
            name,
            shards=shards,
            clock=Clock(self.random.uniform(0, 1e6), self.random.uniform(0.95, 1.05)),
            delay=latency(self.random, longest=self.longest_delay),
            flush_seconds=lambda: self.random.uniform(0, 3),
            settings=self.settings,
        )

    async def suffer(self, fault: Fault) -> None:
        replica = self.places[fault.place]
        shards = replica.shards
        match fault.kind:
            case "cut":
                replica.link.cut()
                return
            case "mend":
                replica.link.mend()
                return
            case "delete lease":
                self.world.server.remove(shard_name(fault.place))
                return
            case "stop":
                await replica.stop()
            case "kill":
                await replica.kill()
            case "kill, new number of shards":
                await replica.kill()
                shards = SHARDS + OTHER_SHARDS - shards
        self.places[fault.place] = self.replica(f"{replica.name}'", shards)

    async def calm_down(self) -> None:
        for replica in self.places:
            replica.link.mend()
            replica.link.delay = lambda: 0.001
        await self.world.watch(CALM_SECONDS)

    def judge_calm(self) -> None:
        """Fail unless one division of the tasks is served, fairly, and nothing is left over."""
        owned = {
            number: [replica.owned() for replica in self.places if replica.shards == number]
            for number in {replica.shards for replica in self.places}
        }
        served = [number for number, sets in owned.items() if any(sets)]
        assert len(served) == 1, f"served divisions: {owned}"
        sets = owned[served[0]]
        assert set().union(*sets) == set(range(served[0])), f"not all owned: {owned}"
        assert max(map(len, sets)) - min(map(len, sets)) <= 1, f"not balanced: {owned}"
        members = {replica.keeper.identity for replica in self.places}
        assert self.world.server.members() == members


async def play(seed: int, faults: list[Fault], stage_type: type[Stage] = Stage) -> None:
    stage = stage_type(seed)
    try:
        await stage.world.watch(BEGIN_SECONDS)
        for fault in faults:
            await stage.world.watch(fault.after)
            await stage.suffer(fault)
        await stage.world.watch(EFFECT_SECONDS)
        await stage.calm_down()
        stage.judge_calm()
    finally:
        await stage.world.end()


SEEDS = st.integers(0, 2**32)
EXAMPLES = settings(max_examples=8, deadline=None)


@given(SEEDS, faults("cut", "mend", "kill", "stop", "delete lease"))
@EXAMPLES
def test_no_shard_has_two_owners_and_after_a_calm_each_has_one(
    seed: int, faults: list[Fault]
) -> None:
    run_virtually(play(seed, faults))


@given(SEEDS, faults("cut", "mend", "kill", "stop", "kill, new number of shards"))
@EXAMPLES
def test_no_task_has_two_owners_while_the_number_of_shards_changes(
    seed: int, faults: list[Fault]
) -> None:
    run_virtually(play(seed, faults))


def test_the_referee_sees_two_owners() -> None:
    async def story() -> None:
        world = World()
        for name in ("a", "b"):
            world.start(name)
            # They do not know of each other: each has an API server to itself.
            world.server = type(world.server)()
        await world.watch(5)

    with pytest.raises(AssertionError, match=r"a owns \{0\} of 1, b owns \{0\} of 1"):
        run_virtually(story())

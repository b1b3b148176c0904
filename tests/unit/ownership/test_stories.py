"""Who owns the one shard of two replicas, told as steps of time, event and owner.

The default lease: renewed every 5 s, its owner stops 13.5 s after the last renewal, and
another may take it 15 s after it saw that.
"""

import asyncio

import pytest

from crontask_operator.ownership import LeaseSettings
from crontask_operator.ownership.record import shard_name
from tests.unit.ownership.world import SETTINGS, World, run_virtually

Step = tuple[float, str, str]

STORIES = {
    "a lone replica owns it at once and for ever": [
        (0.0, "start a", "a"),
        (600.0, "", "a"),
    ],
    "the second replica stands by": [
        (0.0, "start a", "a"),
        (7.0, "start b", "a"),
        (600.0, "", "a"),
    ],
    "a stopped owner is followed at once": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (100.0, "stop a", "b"),
    ],
    "a killed owner is followed when its lease has run out": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "kill a", ""),
        (34.9, "", ""),
        (35.1, "", "b"),
    ],
    "a killed owner is followed by itself, restarted, after the same time": [
        (0.0, "start a", "a"),
        (21.0, "kill a", ""),
        (22.0, "start a", ""),
        (36.9, "", ""),
        (37.1, "", "a"),
    ],
    "an owner that is cut off stops before the other begins": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (33.4, "", "a"),
        (33.6, "", ""),
        (34.9, "", ""),
        (35.1, "", "b"),
        (60.0, "mend a", "b"),
        (600.0, "", "b"),
    ],
    "an owner that is back in time stays the owner": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (33.0, "mend a", "a"),
        (600.0, "", "a"),
    ],
    "an owner nobody replaced goes on when it is back": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (60.0, "mend a", ""),
        (62.0, "", "a"),
        (600.0, "", "a"),
    ],
    "when the API server was away for all, one goes on": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (21.0, "cut b", "a"),
        (120.0, "", ""),
        (121.0, "mend b", ""),
        (124.0, "mend a", ""),
        (126.0, "", "a"),
        (600.0, "", "a"),
    ],
    "when the API server was away for all and the owner died, the other follows": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (21.0, "cut b", "a"),
        (30.0, "kill a", ""),
        (121.0, "mend b", ""),
        (133.0, "", ""),
        (136.1, "", "b"),
    ],
    "after an outage for all the owner goes on though the other is back first": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (21.0, "cut b", "a"),
        (33.0, "mend b", "a"),
        (36.0, "", ""),
        (40.0, "mend a", ""),
        (42.0, "", "a"),
        (600.0, "", "a"),
    ],
    "a standby that is cut off and mended changes nothing": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (20.0, "cut b", "a"),
        (100.0, "mend b", "a"),
        (600.0, "", "a"),
    ],
    "the last to leave leaves a free shard to the next to come": [
        (0.0, "start a", "a"),
        (10.0, "stop a", ""),
        (500.0, "start b", "b"),
    ],
    "an owner whose lease somebody deletes goes on": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "delete the lease", "a"),
        (600.0, "", "a"),
    ],
    "an owner that is cut off while its lease is deleted still stops first": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (22.0, "delete the lease", "a"),
        (33.6, "", ""),
        (36.9, "", ""),
        (37.1, "", "b"),
    ],
    "one that starts where a lease was deleted waits for the unknown owner": [
        (0.0, "start a", "a"),
        (20.0, "cut a", "a"),
        (21.0, "delete the lease", "a"),
        (21.0, "start b", "a"),
        (36.9, "", ""),
        (37.1, "", "b"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("steps", STORIES.values(), ids=STORIES)
def test_who_owns_the_shard(steps: list[Step]) -> None:
    run_virtually(play(steps))


async def play(steps: list[Step], settings: LeaseSettings = SETTINGS) -> None:
    world = World()
    seen = []
    for at, event, _ in steps:
        await world.watch(at - asyncio.get_running_loop().time())
        await happen(world, event, settings)
        # What follows at once follows within a few exchanges, which take no time here.
        await asyncio.sleep(0.01)
        owners = [replica.name for replica in world.replicas if replica.owned()]
        seen.append((at, event, ", ".join(owners)))
    await world.end()
    assert seen == steps


async def happen(world: World, event: str, settings: LeaseSettings) -> None:
    match event.split():
        case ["start", name]:
            world.start(name, settings=settings)
        case ["stop", name]:
            await world.latest(name).stop()
        case ["kill", name]:
            await world.latest(name).kill()
        case ["cut", name]:
            world.latest(name).link.cut()
        case ["mend", name]:
            world.latest(name).link.mend()
        case ["delete", "the", "lease"]:
            world.server.remove(shard_name(0))
        case []:
            pass
        case _:
            raise ValueError(f"no such event: {event}")

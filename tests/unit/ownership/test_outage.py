"""An owner goes on while the API server is away, if nobody else can make its runs.

Told as steps of time, event and owner, as in `test_stories`. The last renewal before each
cut is that of 20 s, and without an outage's rule its owner stops at 33.5 s.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace

import pytest

from crontask_kube.errors import ApiError, ForbiddenError, UnauthorizedError, UnavailableError
from crontask_operator.ownership.feed import feed
from crontask_operator.ownership.record import LeaseRecord
from crontask_operator.ownership.store import Change, OutageLog
from crontask_operator.ownership.view import LeaseView
from tests.unit.ownership.fake_store import LeaseServer, Link
from tests.unit.ownership.test_stories import Step, play
from tests.unit.ownership.world import SETTINGS, Clock, World, run_virtually

ALONE = replace(SETTINGS, outage_seconds=240)
SHARED = replace(SETTINGS, outage_seconds=240, shared_outage_seconds=60)

STORIES = {
    "an only replica goes on for four minutes, and is not told of it": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (250.0, "mend a", "a"),
        (600.0, "", "a"),
    ],
    "an only replica goes on up to the bound, and again when it is back": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (259.9, "", "a"),
        (260.1, "", ""),
        (300.0, "mend a", ""),
        (302.0, "", "a"),
        (600.0, "", "a"),
    ],
    "one of two stops with its lease": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (21.0, "cut a", "a"),
        (21.0, "cut b", "a"),
        (33.4, "", "a"),
        (33.6, "", ""),
    ],
    "one that is alone again goes on": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (10.0, "stop b", "a"),
        (21.0, "cut a", "a"),
        (250.0, "mend a", "a"),
        (600.0, "", "a"),
    ],
    "one whose neighbour died goes on once that is sure": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (4.0, "kill b", "a"),
        (21.0, "cut a", "a"),
        (250.0, "mend a", "a"),
        (600.0, "", "a"),
    ],
    "one whose neighbour was just killed does not": [
        (0.0, "start a", "a"),
        (2.0, "start b", "a"),
        (18.0, "kill b", "a"),
        (21.0, "cut a", "a"),
        (33.6, "", ""),
    ],
    "the pod of a node that is cut off has stopped when it is replaced": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (261.0, "", ""),
        (321.0, "start b", ""),
        (336.1, "", "b"),
        (400.0, "mend a", "b"),
        (600.0, "", "b"),
    ],
    "one that starts before the owner is back in time stands by": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (100.0, "start b", "a"),
        # It has seen another, and waits for its renewal.
        (110.0, "mend a", ""),
        (112.0, "", "a"),
        (600.0, "", "a"),
    ],
    "one whose lease is deleted meanwhile gives it up and takes it again": [
        (0.0, "start a", "a"),
        (21.0, "cut a", "a"),
        (100.0, "delete the lease", "a"),
        (150.0, "mend a", "a"),
        (160.0, "", ""),
        (170.0, "", "a"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("steps", STORIES.values(), ids=STORIES)
def test_who_owns_the_shard(steps: list[Step]) -> None:
    run_virtually(play(steps, ALONE))


def test_one_of_several_goes_on_if_it_is_set_to() -> None:
    run_virtually(
        play(
            [
                (0.0, "start a", "a"),
                (2.0, "start b", "a"),
                (21.0, "cut a", "a"),
                (21.0, "cut b", "a"),
                (70.0, "", "a"),
                (70.0, "mend b", "a"),
                (72.0, "mend a", "a"),
                (600.0, "", "a"),
            ],
            SHARED,
        )
    )


def test_the_engine_hears_nothing_of_an_outage_that_it_outlives() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(200)
        assert replica.keeper.held == {0}
        replica.link.mend()
        await world.watch(30)
        assert replica.told == ["acquired 0"]
        await world.end()

    run_virtually(story())


def test_a_process_that_was_paused_in_an_outage_owns_nothing_when_it_wakes() -> None:
    async def story() -> None:
        world = World()
        clock = Clock()
        replica = world.start("a", clock=clock, settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(60)
        assert replica.keeper.owns(0)

        # No line of the keeper has run: others may have come while it was paused.
        clock.offset += SETTINGS.spare_seconds
        assert not replica.keeper.owns(0)
        await world.end()

    run_virtually(story())


def test_one_that_was_replaced_stops_as_soon_as_it_sees_that() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(60)
        other = world.start("b", settings=ALONE)
        # Cut off alone, it cannot know; the bound alone ends this. The referee sees it too.
        await asyncio.sleep(20)
        assert (replica.owned(), other.owned()) == ({0}, {0})

        replica.link.mend()
        await asyncio.sleep(0.01)
        assert replica.owned() == set()
        world.verdicts.clear()
        await world.watch(60)
        assert other.owned() == {0}
        await world.end()

    run_virtually(story())


def test_one_that_sees_another_take_part_waits_for_its_renewal() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(60)
        world.start("b", settings=ALONE)
        await world.watch(1)
        replica.link.mend()
        await world.watch(30)
        # Nobody had the shard meanwhile: it was its own all the time, or soon again.
        assert replica.owned() == {0}
        assert world.latest("b").told == []
        await world.end()

    run_virtually(story())


class Refusing(Link):
    """A way to an API server that refuses every change, once it is told so."""

    error: ApiError | None = None

    async def update(self, record: LeaseRecord) -> LeaseRecord:
        if self.error is not None:
            raise self.error
        return await super().update(record)


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (UnavailableError("the API server gave no answer in time", sent=True), True),
        (UnavailableError("etcdserver: request timed out", status=500), True),
        (UnavailableError("too many requests", status=429), False),
        (UnauthorizedError("Unauthorized", status=401), False),
        (ForbiddenError("leases is forbidden", status=403), False),
    ],
    ids=str,
)
def test_an_api_server_that_answers_is_not_away(error: ApiError, goes_on: bool) -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", link=Refusing, settings=ALONE)
        await world.watch(21)
        assert isinstance(replica.link, Refusing)
        replica.link.error = error
        await world.watch(20)
        assert replica.keeper.owns(0) is goes_on
        await world.end()

    run_virtually(story())


def test_a_process_that_is_told_to_end_in_an_outage_ends_soon() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(60)
        began = asyncio.get_running_loop().time()
        await replica.stop()
        assert not replica.keeper.owns(0)
        seconds = asyncio.get_running_loop().time() - began
        assert seconds <= 4 * SETTINGS.request_timeout_seconds
        await world.end()

    run_virtually(story())


def test_another_division_that_came_meanwhile_is_not_overlapped() -> None:
    async def story() -> None:
        world = World()
        replica = world.start("a", shards=1, settings=ALONE)
        await world.watch(21)
        replica.link.cut()
        await world.watch(60)
        other = world.start("b", shards=4, settings=ALONE)
        await asyncio.sleep(20)
        assert other.owned()
        replica.link.mend()
        await asyncio.sleep(0.01)
        world.verdicts.clear()
        await world.watch(60)
        assert replica.owned() == set()
        await world.end()

    run_virtually(story())


def test_a_watch_that_falls_silent_is_looked_at_at_once() -> None:
    # The keeper may have nothing else to wake for until its lease is over, and it is too late then.
    class Silent(Link):
        async def watch(self, resource_version: str) -> AsyncGenerator[Change, None]:
            raise UnavailableError("the watch of the leases brings nothing")
            yield

    async def told() -> list[bool]:
        outage, seen = OutageLog(lambda: 7.0), list[bool]()
        view = LeaseView(1, patience_seconds=SETTINGS.silence_seconds)

        def changed() -> None:
            seen.append(outage.away_at == 7.0)

        feeding = feed(
            view, Silent(LeaseServer(), 1.0), clock=lambda: 7.0, outage=outage, changed=changed
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await feeding
        return seen

    # After the listing, and after the watch.
    assert run_virtually(told())[:2] == [False, True]

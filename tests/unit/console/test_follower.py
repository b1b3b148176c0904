"""The follower keeps the board in line, and says so when it cannot."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from crontask_api.console.live.board import Board
from crontask_api.console.live.follower import LONGEST_PAUSE_SECONDS, PROBE_SECONDS, Follower
from crontask_api.kube.objects import CronTaskPage, ListMeta
from crontask_api.kube.watch import Happened, TaskEvent
from crontask_kube.errors import InvalidError, UnavailableError
from tests.unit.console.tasks import task

pytestmark = pytest.mark.looptime


class _Cluster:
    """Tasks, pages of one, and a watch that does what it is told to."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.listed = 0
        self.watched: list[tuple[str, int]] = []
        self.scripts: list[Callable[[], AsyncGenerator[TaskEvent, None]]] = []

    async def page(self, namespace: str | None, continue_from: str) -> CronTaskPage:
        place = int(continue_from or 0)
        self.listed += not continue_from
        more = str(place + 1) if place + 1 < len(self.names) else ""
        items = tuple(task(name) for name in self.names[place : place + 1])
        return CronTaskPage(items, ListMeta(resource_version=f"list-{self.listed}", continue_=more))

    async def watch(
        self, namespace: str | None, version: str, seconds: int
    ) -> AsyncGenerator[TaskEvent, None]:
        self.watched.append((version, seconds))
        if self.scripts:
            async for event in self.scripts.pop(0)():
                yield event
        else:
            await asyncio.sleep(seconds)


async def _follow(cluster: _Cluster, board: Board, seconds: float) -> None:
    follower = Follower(cluster, board, None, jitter=lambda: 0.0)
    running = asyncio.ensure_future(follower.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_it_lists_page_by_page_and_goes_on_from_there() -> None:
    cluster, board = _Cluster("a", "b", "c"), Board()
    await _follow(cluster, board, 1)

    assert sorted(name for _, name in board.rows) == ["a", "b", "c"]
    assert board.is_complete
    assert cluster.watched[0][0] == "list-1"


async def test_events_change_the_board_and_bookmarks_the_place() -> None:
    cluster, board = _Cluster("a"), Board()

    async def events() -> AsyncGenerator[TaskEvent, None]:
        yield TaskEvent(Happened.ADDED, "8", task("b"))
        yield TaskEvent(Happened.DELETED, "9", task("a"))
        yield TaskEvent(Happened.BOOKMARK, "20")

    cluster.scripts.append(events)
    await _follow(cluster, board, 1)

    assert list(board.rows) == [("team", "b")]
    assert [version for version, _ in cluster.watched] == ["list-1", "20"]
    assert cluster.listed == 1


async def test_a_watch_that_breaks_goes_on_from_where_it_was_and_says_so() -> None:
    cluster, board = _Cluster("a"), Board()

    async def breaks() -> AsyncGenerator[TaskEvent, None]:
        yield TaskEvent(Happened.ADDED, "8", task("b"))
        raise UnavailableError("gone")

    async def away() -> AsyncGenerator[TaskEvent, None]:
        raise UnavailableError("still gone")
        yield

    cluster.scripts += [breaks, *[away] * 10]
    await _follow(cluster, board, 2)
    assert dict(board.troubles) == {"*": "still gone"}
    assert len(board.rows) == 2

    cluster.scripts.clear()
    cluster.watched.clear()
    await _follow(cluster, board, LONGEST_PAUSE_SECONDS)
    assert not board.troubles
    assert cluster.listed == 2


async def test_after_a_failure_it_soon_knows_whether_watching_works_again() -> None:
    cluster, board = _Cluster("a"), Board()

    async def away() -> AsyncGenerator[TaskEvent, None]:
        raise UnavailableError("gone")
        yield

    cluster.scripts.append(away)
    await _follow(cluster, board, 0.5 + PROBE_SECONDS + 0.1)

    assert [seconds for _, seconds in cluster.watched][1] == PROBE_SECONDS
    assert not board.troubles


async def test_what_is_too_old_is_listed_anew_without_a_word() -> None:
    cluster, board = _Cluster("a", "b"), Board()

    async def too_old() -> AsyncGenerator[TaskEvent, None]:
        cluster.names.remove("a")
        raise InvalidError("too old", status=410)
        yield

    cluster.scripts.append(too_old)
    await _follow(cluster, board, 0.1)

    assert list(board.rows) == [("team", "b")]
    assert cluster.listed == 2
    assert not board.troubles


async def test_a_fault_of_its_own_is_told_and_does_not_end_it() -> None:
    cluster, board = _Cluster("a"), Board()

    async def fault() -> AsyncGenerator[TaskEvent, None]:
        raise ZeroDivisionError
        yield

    cluster.scripts.append(fault)
    await _follow(cluster, board, 0.1)
    assert dict(board.troubles) == {"*": "a fault of the console itself"}
    await _follow(cluster, board, 1)
    assert not board.troubles

"""The board: what is known of all tasks, and who is told of a change."""

import asyncio

from crontask_api.console.live.board import Board
from tests.unit.console.tasks import row


async def test_who_waits_for_one_task_hears_of_no_other() -> None:
    board = Board()
    with board.listen(("team", "a")) as one, board.listen() as any_task:
        board.put(row("b"))
        assert await any_task.changed(1)
        assert not await one.changed(0)
        board.put(row("a"))
        board.drop(("team", "a"))
        assert await one.changed(1)
        # Whatever happened in between was one change.
        assert not await one.changed(0)
    assert board.listening == 0


async def test_a_change_wakes_who_waits_already() -> None:
    board = Board()
    with board.listen(("team", "a")) as listener:
        waiting = asyncio.ensure_future(listener.changed(5))
        await asyncio.sleep(0)
        board.put(row("a"))
        assert await waiting


def test_tasks_beyond_the_bound_are_counted_and_not_kept() -> None:
    board = Board(most_rows=2)
    for name in "abcd":
        board.put(row(name))
    assert [key[1] for key in board.rows] == ["a", "b"]
    assert board.left_out == 2
    board.put(row("a", title="new"))
    assert board.rows["team", "a"].title == "new"
    board.keep_only({("team", "a")}, None)
    assert (list(board.rows), board.left_out) == ([("team", "a")], 0)


def test_a_list_of_one_namespace_forgets_nothing_of_another() -> None:
    board = Board()
    board.put(row("a"))
    board.put(row("a", namespace="other"))
    board.keep_only(set(), "team")
    assert list(board.rows) == [("other", "a")]


async def test_trouble_is_told_to_all_once_and_passes() -> None:
    board = Board()
    board.expect("team")
    assert not board.is_complete
    board.seen("team")
    assert board.is_complete
    with board.listen(("team", "a")) as listener:
        board.lost("team", "away")
        assert await listener.changed(1)
        board.lost("team", "away")
        assert not await listener.changed(0)
        assert dict(board.troubles) == {"team": "away"}
        board.seen("team")
        assert await listener.changed(1)
    assert not board.troubles


def test_a_stamp_is_another_after_a_change_alone() -> None:
    board = Board()
    board.put(row("a"))
    one, everything = board.stamp(("team", "a")), board.stamp()
    assert (board.stamp(("team", "a")), board.stamp()) == (one, everything)
    board.put(row("b"))
    assert board.stamp(("team", "a")) == one
    assert board.stamp() != everything
    board.put(row("a", version="2"))
    assert board.stamp(("team", "a")) != one

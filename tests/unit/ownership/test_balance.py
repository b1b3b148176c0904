"""Shards are shared out fairly, with as few moves as possible, and never oscillate."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crontask_operator.ownership.balance import Moves, Scene, balance, fair_share

MEMBERS = ("a", "b", "c", "d", "e", "f", "g")


@pytest.mark.parametrize(
    ("shards", "load", "shares"),
    [
        pytest.param(1, {"a": 0, "b": 0}, {"a": 1, "b": 0}, id="one leads, one stands by"),
        pytest.param(1, {"a": 0, "b": 1}, {"a": 0, "b": 1}, id="who leads goes on leading"),
        pytest.param(16, {"a": 16}, {"a": 16}, id="alone"),
        pytest.param(16, {"a": 16, "b": 0, "c": 0}, {"a": 6, "b": 5, "c": 5}, id="two join"),
        pytest.param(16, {"a": 5, "b": 5, "c": 6}, {"a": 5, "b": 5, "c": 6}, id="balanced"),
        pytest.param(
            16,
            {"a": 4, "b": 4, "c": 4, "d": 4, "e": 0},
            {"a": 4, "b": 3, "c": 3, "d": 3, "e": 3},
            id="nobody is left without",
        ),
        pytest.param(2, {"a": 0, "b": 0, "c": 0}, {"a": 1, "b": 1, "c": 0}, id="more than shards"),
    ],
)
def test_fair_shares(shards: int, load: Mapping[str, int], shares: Mapping[str, int]) -> None:
    assert {me: fair_share(me, set(load), load, shards) for me in load} == shares


def scene(**changes: object) -> Scene:
    """Return `a` and `b` with two shards each, all well, but for `changes`."""
    settled = {
        "me": "a",
        "shards": 4,
        "members": {"a", "b"},
        "settled": {"a", "b"},
        "holders": {0: "a", 1: "a", 2: "b", 3: "b"},
    }
    return Scene(**{**settled, **changes})  # type: ignore[arg-type]


def test_a_balanced_scene_stays_as_it_is() -> None:
    assert balance(scene()) == Moves()


def test_free_shards_are_taken_up_to_the_share() -> None:
    moves = balance(scene(holders={0: "a"}, free={1, 2, 3}))

    assert len(moves.take) == 1
    assert moves.drain == ()


def test_beyond_the_share_only_what_nobody_took_is_taken() -> None:
    moves = balance(scene(holders={0: "a", 1: "a"}, free={2, 3}, overdue={3}))

    assert moves.take == (3,)


def test_the_surplus_is_handed_back() -> None:
    moves = balance(scene(holders=dict.fromkeys(range(4), "a")))

    assert len(moves.drain) == 2


def test_what_is_being_handed_back_is_not_counted_twice() -> None:
    moves = balance(scene(holders=dict.fromkeys(range(4), "a"), draining={0, 1}))

    assert moves == Moves()


def test_a_replica_that_has_not_renewed_gets_nothing_handed_over() -> None:
    moves = balance(scene(holders=dict.fromkeys(range(4), "a"), settled={"a"}))

    assert moves == Moves()


def test_who_leaves_is_not_counted_though_it_still_holds_something() -> None:
    # b holds 2 and 3 but is no member any more: what it frees is for a, at once.
    moves = balance(scene(members={"a"}, settled={"a"}, holders={0: "a", 1: "a", 2: "b"}, free={3}))

    assert moves.take == (3,)


def step(shards: int, members: set[str], holders: dict[int, str]) -> int:
    """Let each member do in turn what it should; return how many shards moved."""
    moved = 0
    for me in sorted(members):
        free = {shard for shard in range(shards) if shard not in holders}
        moves = balance(Scene(me, shards, members, members, holders, free=free))
        moved += len(moves.drain)
        for shard in moves.drain:
            del holders[shard]
        for shard in moves.take:
            holders[shard] = me
    return moved


@given(
    shards=st.integers(1, 20),
    members=st.sets(st.sampled_from(MEMBERS), min_size=1),
    owners=st.lists(st.none() | st.sampled_from(MEMBERS), min_size=20, max_size=20),
)
def test_any_start_ends_in_fair_shares_with_the_fewest_moves(
    shards: int, members: set[str], owners: list[str | None]
) -> None:
    holders = {
        shard: owner for shard, owner in enumerate(owners[:shards]) if owner in members and owner
    }
    before = Counter(holders.values())
    base, extra = divmod(shards, len(members))
    loads = sorted((before[member] for member in members), reverse=True)
    fewest = sum(max(0, load - base - (rank < extra)) for rank, load in enumerate(loads))

    moved = sum(step(shards, members, holders) for _ in range(3))

    after = Counter(holders.values())
    assert sorted(holders) == list(range(shards))
    assert sorted(after[member] for member in members) == sorted(
        [base + 1] * extra + [base] * (len(members) - extra)
    )
    assert moved == fewest
    assert step(shards, members, holders) == 0

"""What a replica concludes from what it sees, and when."""

from dataclasses import replace

import pytest

from crontask_operator.ownership.record import LeaseKind, LeaseRecord
from crontask_operator.ownership.store import Change, Listing
from crontask_operator.ownership.view import LeaseView

NAME = "crontask-operator-0"
HELD = LeaseRecord(
    NAME, LeaseKind.SHARD, holder="a", duration_seconds=15, shards=2, resource_version="10"
)
RENEWED = replace(HELD, resource_version="11")
MEMBER = LeaseRecord(
    "crontask-operator-member-a", LeaseKind.MEMBER, holder="a", duration_seconds=15,
    shards=2, resource_version="9",
)  # fmt: skip


@pytest.fixture
def view() -> LeaseView:
    return LeaseView(shards=2, patience_seconds=7.5)


def holder(view: LeaseView, now: float) -> str:
    seen = view.shard(0)
    return seen.holder(now) if seen else "nothing"


def test_a_lease_runs_out_one_duration_after_it_was_last_seen_to_change(view: LeaseView) -> None:
    view.see(HELD, 100)
    view.see(HELD, 110)
    assert (holder(view, 114.9), holder(view, 115)) == ("a", "")

    view.see(RENEWED, 114)
    assert (holder(view, 128.9), holder(view, 129)) == ("a", "")


def test_the_holder_says_how_long_its_lease_lasts(view: LeaseView) -> None:
    view.see(replace(HELD, duration_seconds=60), 100)

    assert holder(view, 159) == "a"


def test_time_in_which_nothing_was_heard_does_not_count(view: LeaseView) -> None:
    view.list_seen(Listing((HELD,), "10"), 100)
    view.list_seen(Listing((HELD,), "10"), 107.5)
    view.list_seen(Listing((HELD,), "10"), 147.5)

    # 7.5 s counted before the silence of 40 s; as many are left after it.
    assert (holder(view, 154.9), holder(view, 155)) == ("a", "")


def test_what_was_read_during_a_silence_counts_from_its_end(view: LeaseView) -> None:
    view.list_seen(Listing((HELD,), "10"), 100)
    view.see(RENEWED, 130, newest=True)
    view.change_seen(Change(MEMBER), 140)

    assert (holder(view, 154.9), holder(view, 155)) == ("a", "")


def test_a_view_is_live_while_it_hears_of_something(view: LeaseView) -> None:
    assert not view.is_live(0)

    view.change_seen(Change(MEMBER), 100)
    assert (view.is_live(107.5), view.is_live(107.6)) == (True, False)


def test_a_released_lease_is_free_at_once(view: LeaseView) -> None:
    view.see(replace(HELD, holder=""), 100)

    assert view.free_at(0) == 100


def test_an_event_that_comes_late_changes_nothing(view: LeaseView) -> None:
    view.see(RENEWED, 100)
    view.change_seen(Change(replace(HELD, holder="b")), 105)
    view.change_seen(Change(HELD, deleted=True), 105)

    assert holder(view, 110) == "a"
    assert view.free_at(0) == 115


def test_a_read_counts_even_if_its_version_is_lower(view: LeaseView) -> None:
    # As after a restored backup of etcd, whose counter starts from an earlier value.
    view.see(RENEWED, 100)
    view.see(replace(HELD, holder="b"), 105, newest=True)

    assert holder(view, 110) == "b"


def test_versions_that_are_no_numbers_are_taken_as_they_come(view: LeaseView) -> None:
    view.see(replace(HELD, resource_version="x"), 100)
    view.see(replace(HELD, resource_version="a", holder="b"), 105)

    assert holder(view, 110) == "b"


def test_a_listing_tells_what_is_gone(view: LeaseView) -> None:
    view.see(HELD, 100)
    view.list_seen(Listing((), "12"), 105)

    assert holder(view, 106) == "nothing"


def test_a_listing_older_than_a_write_does_not_undo_it(view: LeaseView) -> None:
    view.see(RENEWED, 100)
    view.list_seen(Listing((), "10"), 105)

    assert holder(view, 106) == "a"


def test_nothing_is_free_before_the_first_listing(view: LeaseView) -> None:
    assert view.free_at(0) == float("inf")

    view.list_seen(Listing((), "1"), 100)
    assert view.free_at(0) == 100


@pytest.mark.parametrize(
    ("first", "never_existed"),
    [
        pytest.param([], True, id="nobody there"),
        pytest.param([MEMBER], False, id="a replica there"),
        pytest.param([replace(MEMBER, shards=3)], True, id="one with another number of shards"),
        pytest.param([HELD], False, id="seen and then deleted"),
    ],
)
def test_a_missing_lease_never_existed_only_for_who_began_alone(
    view: LeaseView, first: list[LeaseRecord], never_existed: bool
) -> None:
    view.list_seen(Listing(tuple(first), "10"), 100)
    view.change_seen(Change(replace(HELD, resource_version="12"), deleted=True), 101)

    assert view.never_existed(NAME) is never_existed


@pytest.mark.parametrize(
    ("change", "divided"),
    [
        pytest.param({"shards": 3}, True, id="held"),
        pytest.param({"shards": 3, "holder": ""}, False, id="free"),
        pytest.param({"shards": 2}, False, id="our number"),
        pytest.param({"shards": 0}, False, id="number unknown"),
    ],
)
def test_a_shard_of_another_number_of_shards_is_in_the_way(
    view: LeaseView, change: dict[str, object], divided: bool
) -> None:
    view.see(replace(HELD, name="crontask-operator-2", **change), 100)  # type: ignore[arg-type]

    assert view.divided_otherwise(114) is divided
    assert view.divided_otherwise(115) is False

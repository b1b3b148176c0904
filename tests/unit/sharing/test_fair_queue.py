"""What waits is handed out in turns of tenants, and each keeps to a share."""

import math
import random
from collections import Counter

import pytest

from crontask_operator.sharing.fair_queue import FairQueue


def filled(queue: FairQueue[str], **numbers: int) -> FairQueue[str]:
    for name, number in numbers.items():
        for _ in range(number):
            queue.put(name, name)
    return queue


def taken(queue: FairQueue[str]) -> list[str]:
    """Take until nothing may be taken."""
    items = []
    while (item := queue.take()) is not None:
        items.append(item)
    return items


def test_tenants_take_turns() -> None:
    queue = filled(FairQueue[str](), a=4, b=2, c=1)
    assert "".join(taken(queue)) == "abcabaa"
    assert (len(queue), queue.ready) == (0, False)


def test_items_of_one_tenant_keep_their_order() -> None:
    queue = FairQueue[int](10)
    for number in range(5):
        queue.put("a", number)
    assert [queue.take() for _ in range(5)] == [0, 1, 2, 3, 4]


def test_one_who_comes_late_waits_for_one_turn() -> None:
    queue = filled(FairQueue[str](), a=1000)
    queue.take()
    queue.put("b", "b")
    assert [queue.take(), queue.take()] == ["a", "b"]


@pytest.mark.parametrize(
    ("share", "tenants", "each"),
    [(0.5, 1, 50), (0.5, 2, 33), (0.5, 9, 10), (0.75, 1, 75), (0.25, 1, 25), (1.0, 1, 100)],
)
def test_tenants_leave_a_part_for_the_next(share: float, tenants: int, each: int) -> None:
    queue = filled(FairQueue[str](100, share), **{f"t{n}": 200 for n in range(tenants)})
    held = Counter(taken(queue))
    assert all(abs(number - each) <= 1 for number in held.values())
    queue.put("next", "next")
    assert (queue.take() == "next") is (share < 1)


def test_a_tenant_alone_goes_on_as_its_items_end() -> None:
    queue = filled(FairQueue[str](10, 0.5), a=20)
    assert len(taken(queue)) == 5
    assert not queue.ready
    for _ in range(15):
        queue.give_back("a")
        assert taken(queue) == ["a"]
    assert len(queue) == 0


def test_places_that_others_give_back_are_there_for_who_waits() -> None:
    queue = filled(FairQueue[str](12, 0.5), a=12, b=12)
    assert Counter(taken(queue)) == {"a": 4, "b": 4}
    queue.keep(lambda item: item != "b")
    for _ in range(4):
        queue.give_back("b")
    assert taken(queue) == ["a", "a"]


def test_it_is_told_once_that_a_tenant_has_to_wait() -> None:
    told: list[str] = []
    queue = filled(FairQueue[str](10, 0.5, told.append), a=20, b=1)
    taken(queue)
    assert told == ["a"]
    taken(queue)
    queue.give_back("b")
    taken(queue)
    assert set(told) == {"a"}


def test_what_does_not_wait_any_more_is_not_handed_out() -> None:
    queue = FairQueue[str](1, 1)
    for item in ("a1", "a2", "b1"):
        queue.put(item[0], item)
    assert queue.take() == "a1"
    queue.remove("b", "b1")
    queue.give_back("a")
    assert (queue.take(), queue.take()) == ("a2", None)
    queue.give_back("a")
    queue.put("b", "b2")
    assert queue.take() == "b2"


def test_whoever_may_have_a_place_gets_it() -> None:
    """Random puts, takes and returns never leave a tenant waiting that may go on."""
    chance = random.Random(7)  # noqa: S311 - a test that repeats itself
    queue, held = FairQueue[str](40, 0.5), Counter[str]()
    waits = Counter[str]()
    for _ in range(20_000):
        name = f"t{chance.randrange(12)}"
        if chance.random() < 0.5:
            queue.put(name, name)
            waits[name] += 1
        elif held[name]:
            held[name] -= 1
            queue.give_back(name)
        for item in taken(queue):
            held[item] += 1
            waits[item] -= 1
        free = 40 - held.total()
        assert free >= 0
        assert not [name for name in waits if waits[name] and held[name] < free]
    assert held.total() > 30
    assert len(queue) == waits.total()


def test_nothing_is_kept_of_tenants_that_are_gone() -> None:
    queue = FairQueue[str](4, 0.5)
    for number in range(5000):
        name = f"t{number}"
        queue.put(name, name)
        queue.put(name, name)
        for item in (queue.take(), queue.take()):
            if item is not None:
                queue.give_back(item)
    for _ in taken(queue):
        pass
    assert len(queue._tenants) <= len(queue) + 4


def test_one_that_waits_at_its_share_for_long_takes_no_more_memory() -> None:
    queue = filled(FairQueue[str](10, 0.5), a=10_000)
    taken(queue)
    for _ in range(9_000):
        queue.give_back("a")
        queue.give_back("a")
        taken(queue)
        if not len(queue):
            break
        assert len(queue._full) < 200
    assert math.isfinite(queue._free)

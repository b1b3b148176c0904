"""What is kept for tenants is bounded in bytes, and expires when it was told to."""

from crontask_core.fair_cache import FairCache


def test_of_what_is_larger_than_all_that_is_kept_nothing_stays() -> None:
    cache = FairCache[str, str](10)
    cache.put("a", "small", "s", 4)
    cache.put("b", "huge", "h", 11)
    assert (cache.get("b", "huge"), cache.get("a", "small")) == (None, "s")
    cache.put("a", "small", "t", 6)
    assert (cache.get("a", "small"), cache.total_bytes, len(cache)) == ("t", 6, 1)


def test_what_is_larger_than_the_bound_pushes_nothing_of_its_tenant_out() -> None:
    cache = FairCache[str, str](10)
    cache.put("a", "small", "s", 4)
    cache.put("a", "huge", "h", 11)
    assert (cache.get("a", "huge"), cache.get("a", "small")) == (None, "s")


def test_what_was_used_least_recently_makes_room() -> None:
    cache = FairCache[int, int](100)
    for size in (30, 40):
        cache.put("a", size, size, size)
    assert cache.get("a", 30) == 30
    cache.put("a", 50, 50, 50)
    assert [cache.get("a", size) for size in (30, 40, 50)] == [30, None, 50]
    assert cache.total_bytes == 80


def test_a_tenant_keeps_no_more_than_its_share() -> None:
    dropped: list[tuple[str, int]] = []
    cache = FairCache[str, str](100, share=10, dropped=lambda *each: dropped.append(each))
    cache.put("b", "x", "of b", 9)
    for key in "xyz":
        cache.put("a", key, key, 4)
    assert [cache.get("a", key) for key in "xyz"] == [None, "y", "z"]
    assert (cache.get("b", "x"), cache.bytes_of("a"), dropped) == ("of b", 8, [("x", 4)])


def test_a_value_expires_at_its_moment_and_not_before() -> None:
    dropped: list[tuple[str, int]] = []
    cache = FairCache[str, str](10, dropped=lambda *each: dropped.append(each))
    cache.put("a", "x", "v", 4, until=7.0)
    assert cache.get("a", "x", now=6.9) == "v"
    assert cache.get("a", "x", now=7.0) is None
    assert (cache.total_bytes, dropped) == (0, [("v", 4)])

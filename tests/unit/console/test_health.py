"""How the operator is, by its Leases."""

from datetime import UTC, datetime

from crontask_api.console.cluster.health import Health, health_of
from crontask_api.console.words.language import Language
from crontask_api.kube.leases import LeaseView

NOW = 1_700_000_000.0


def lease(shard: int | None, holder: str = "a", renewed: float | None = 5) -> LeaseView:
    """Return a Lease that was renewed so many seconds ago, and holds for 15."""
    moment = None if renewed is None else datetime.fromtimestamp(NOW - renewed, UTC)
    return LeaseView(shard, holder, moment, moment, 15)


def told(*leases: LeaseView) -> Health:
    """Return how it is."""
    return health_of(leases, Language("en"), NOW)


def test_replicas_live_as_long_as_their_leases() -> None:
    health = told(lease(None, "a"), lease(None, "b", 16), lease(None, "c", None), lease(None, ""))
    assert [(each.name, each.is_alive) for each in health.replicas] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]
    assert health.alive == 1
    assert [each.seen and each.seen.relative for each in health.replicas] == [
        "5 s ago",
        "16 s ago",
        None,
    ]


def test_shards_have_an_owner_as_long_as_theirs() -> None:
    owned = [lease(number, "a" if number < 4 else "b") for number in range(6)]
    health = told(lease(None, "a"), *owned, lease(6, "b", 16), lease(7, ""), lease(9, "b"))
    assert [(each.name, each.owns) for each in health.replicas] == [
        ("a", "Owns shards 0-3"),
        ("b", "Owns shards 4-5, 9"),
    ]
    assert (health.shards, health.held, health.without) == (9, 7, "6-7")
    # An owner is alive, also if its own Lease is gone.
    assert health.replicas[1].is_alive


def test_where_nobody_ever_was_there_is_nothing() -> None:
    health = told()
    assert (health.replicas, health.alive, health.shards, health.without) == ([], 0, 0, "")

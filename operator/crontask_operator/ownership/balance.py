"""balance decides for a replica which shards it should take and hand back, by fairness.

Nothing here is needed for safety. Replicas that see different things for a moment may
both want a shard: then the lease decides. Or neither wants it: then the grace period
does.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crontask_core.identity import stable_hash


@dataclass(frozen=True, slots=True)
class Scene:
    """What one replica, `me`, sees.

    `members` are the replicas that take part, `me` included; `settled` those of them
    that have renewed at least once. `holders` are the shards somebody holds, `draining`
    those which `me` is about to hand back. `free` shards may be taken by anybody, and
    `overdue` ones have been free for longer than the grace period.
    """

    me: str
    shards: int
    members: Collection[str]
    settled: Collection[str]
    holders: Mapping[int, str]
    draining: Collection[int] = ()
    free: Collection[int] = ()
    overdue: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Moves:
    """The shards to take now, and those to begin handing back."""

    take: tuple[int, ...] = ()
    drain: tuple[int, ...] = ()


def balance(scene: Scene) -> Moves:
    """Return what `me` should do for every replica to hold its fair share.

    Free shards are taken up to the share at once, and beyond it when nobody else took
    them within the grace period. Shards are handed back only for replicas that have
    renewed once: one that crashes as soon as it starts attracts nothing.
    """
    mine = {shard for shard, holder in scene.holders.items() if holder == scene.me}
    load = Counter(scene.holders.values())
    wanted = fair_share(scene.me, scene.members, load, scene.shards) - len(mine)
    allowed = fair_share(scene.me, {*scene.settled, scene.me}, load, scene.shards)
    surplus = len(mine) - len(mine & set(scene.draining)) - allowed
    free = preferred(scene.me, scene.free)
    drainable = preferred(scene.me, mine - set(scene.draining))
    return Moves(
        take=(
            *free[: max(0, wanted)],
            *(shard for shard in free[max(0, wanted) :] if shard in scene.overdue),
        ),
        drain=tuple(drainable[len(drainable) - max(0, surplus) :]),
    )


def fair_share(me: str, members: Collection[str], load: Mapping[str, int], shards: int) -> int:
    """Return how many of `shards` the replica `me` should hold beside the others.

    When they do not divide evenly, the extra ones stay with those that hold most
    already, so that as few as possible move. All shares add up to `shards`.
    """
    everyone = sorted({*members, me}, key=lambda member: (-load.get(member, 0), member))
    base, extra = divmod(shards, len(everyone))
    return base + (everyone.index(me) < extra)


def preferred(me: str, shards: Collection[int]) -> list[int]:
    """Return `shards` in an order of `me`'s own.

    Replicas that reach for the same free shards then seldom reach for the same first.
    """
    return sorted(shards, key=lambda shard: stable_hash(f"{me}/{shard}"))

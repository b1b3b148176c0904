"""health_of tells from Leases which replicas of the operator live, and which shards are owned."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crontask_api.console.tasks.shown import Moment, moment
from crontask_api.console.words.language import Language
from crontask_api.kube.leases import LeaseView


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica of the operator."""

    name: str
    is_alive: bool
    seen: Moment | None
    """When it last said so."""
    owns: str
    """Which shards, in words; empty if none."""


@dataclass(frozen=True, slots=True)
class Health:
    """All of them."""

    replicas: list[Replica]
    alive: int
    shards: int
    held: int
    without: str
    """Shards that have no owner."""

    @property
    def is_well(self) -> bool:
        """Whether every task has somebody who calls it."""
        return bool(self.held) and not self.without


def health_of(leases: Sequence[LeaseView], language: Language, now: float) -> Health:
    """Return how the operator is at `now`, in seconds since the epoch."""
    owned: dict[str, list[int]] = defaultdict(list)
    seen: dict[str, LeaseView] = {}
    without: list[int] = []
    for lease in leases:
        if lease.shard is None:
            seen[lease.holder] = lease
        elif lease.is_held(now):
            owned[lease.holder].append(lease.shard)
        else:
            without.append(lease.shard)
    # One that leaves gives its own Lease back first, and its shards after it.
    names = sorted({name for name in (*seen, *owned) if name})
    replicas = [_replica(name, seen.get(name), owned[name], language, now) for name in names]
    held = sum(map(len, owned.values()))
    return Health(
        replicas,
        alive=sum(each.is_alive for each in replicas),
        shards=held + len(without),
        held=held,
        without=_listed(without),
    )


def _replica(
    name: str, lease: LeaseView | None, shards: Sequence[int], language: Language, now: float
) -> Replica:
    is_alive = bool(shards) or (lease is not None and lease.is_held(now))
    renewed = None if lease is None or lease.renewed is None else lease.renewed.timestamp()
    key = "health.owns.one" if len(shards) == 1 else "health.owns.other"
    owns = language.text(key, shards=_listed(shards)) if shards else ""
    return Replica(name, is_alive, moment(language, renewed, now), owns)


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers with those in a row as one span, such as 0-3, 7."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)

"""script names what a story is made of, for the plan that draws it and for those who play it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Behaviour(StrEnum):
    """What a task is like, which its target's answers decide as well."""

    PLAIN = "plain"
    RETRIED = "retried"
    """Its target fails twice and then succeeds, each time."""
    FORBID = "forbid"
    """Its target takes longer than its period, under the policy Forbid."""
    REPLACE = "replace"
    """The same under Replace."""
    ONCE = "once"
    """One moment, `period` seconds after the story's begin."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task of the story. `period` divides a minute, so its moments are its multiples."""

    name: str
    behaviour: Behaviour
    period: int
    policy: str
    """Its ``missedRunPolicy``."""
    edited: bool
    """Whether edits meet it; who is never edited is owed every moment of the story."""


class Verb(StrEnum):
    """What somebody does to a task."""

    CREATE = "create"
    DELETE = "delete"
    SUSPEND = "suspend"
    RESUME = "resume"
    RESCHEDULE = "reschedule"
    TOUCH = "touch"
    """An edit that moves no moment."""
    RUN_NOW = "run now"


@dataclass(frozen=True, slots=True)
class Edit:
    """Something done to a task at `at` seconds from the begin; `value` is a new period."""

    at: float
    verb: Verb
    task: str
    value: int = 0

    def __str__(self) -> str:
        """Return one line of a plan."""
        value = f" to {self.value} s" if self.value else ""
        return f"{self.at:7.2f} s  {self.verb} {self.task}{value}"


class Kind(StrEnum):
    """Everything that the nemesis does."""

    KILL = "operator killed (kill -9)"
    TERMINATE = "operator told to end (SIGTERM)"
    ROLL = "operator replaced (rolling update)"
    FREEZE = "operator frozen (SIGSTOP)"
    API_KILL = "kube-apiserver killed"
    API_FREEZE = "kube-apiserver frozen"
    API_SLOW = "kube-apiserver slow by 2 s"
    ETCD_FREEZE = "etcd frozen"
    COMPACTION = "etcd compacted"
    SILENT_OLD = "open connections die silently"
    SILENT = "all traffic of one operator vanishes"
    HALF_CLOSE = "connections half closed"
    RESET = "connections reset"
    LOSE_ANSWERS = "answers to writes lost"
    DELAY = "answers delayed"
    TOO_MANY = "API answers 429"
    ERRORS = "API answers 500"
    RIGHTS = "right to CronTasks taken away"
    LEASE_RIGHTS = "right to Leases taken away"
    LEASE = "Leases deleted"
    DEFINITION = "CRD deleted"
    TOKEN = "token taken away"  # noqa: S105 - a name, no password


class Lane(StrEnum):
    """Faults of one lane follow each other; those of different lanes may overlap."""

    OPERATORS = "operators"
    NETWORK = "network"
    CLUSTER = "cluster"


class Aim(StrEnum):
    """Whom a fault meets."""

    ONE = "one"
    ALL = "all"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Trait:
    """What is known of a kind of fault; `least` and `most` are its seconds."""

    lane: Lane
    least: float
    most: float
    aim: Aim
    blinds: bool
    """Whether whom it meets may not see an edit meanwhile."""
    cuts: bool
    """Whether it can keep an operator that was met alone from recording what it called."""


TRAITS: Final[Mapping[Kind, Trait]] = {
    Kind.KILL: Trait(Lane.OPERATORS, 1, 6, Aim.ONE, blinds=False, cuts=True),
    Kind.TERMINATE: Trait(Lane.OPERATORS, 0, 3, Aim.ONE, blinds=False, cuts=False),
    Kind.ROLL: Trait(Lane.OPERATORS, 0, 0, Aim.ONE, blinds=False, cuts=False),
    Kind.FREEZE: Trait(Lane.OPERATORS, 3, 30, Aim.ONE, blinds=True, cuts=True),
    Kind.API_KILL: Trait(Lane.CLUSTER, 1, 10, Aim.ALL, blinds=True, cuts=False),
    Kind.API_FREEZE: Trait(Lane.CLUSTER, 3, 20, Aim.ALL, blinds=True, cuts=False),
    Kind.API_SLOW: Trait(Lane.NETWORK, 5, 15, Aim.ALL, blinds=True, cuts=False),
    Kind.ETCD_FREEZE: Trait(Lane.CLUSTER, 3, 15, Aim.ALL, blinds=True, cuts=False),
    Kind.COMPACTION: Trait(Lane.CLUSTER, 0, 0, Aim.ALL, blinds=False, cuts=False),
    Kind.SILENT_OLD: Trait(Lane.NETWORK, 0, 0, Aim.EITHER, blinds=True, cuts=True),
    Kind.SILENT: Trait(Lane.NETWORK, 3, 20, Aim.EITHER, blinds=True, cuts=True),
    Kind.HALF_CLOSE: Trait(Lane.NETWORK, 0, 0, Aim.EITHER, blinds=True, cuts=True),
    Kind.RESET: Trait(Lane.NETWORK, 1, 8, Aim.EITHER, blinds=True, cuts=True),
    Kind.LOSE_ANSWERS: Trait(Lane.NETWORK, 2, 8, Aim.EITHER, blinds=True, cuts=True),
    Kind.DELAY: Trait(Lane.NETWORK, 4, 12, Aim.EITHER, blinds=True, cuts=True),
    Kind.TOO_MANY: Trait(Lane.NETWORK, 2, 10, Aim.EITHER, blinds=True, cuts=True),
    Kind.ERRORS: Trait(Lane.NETWORK, 2, 10, Aim.EITHER, blinds=True, cuts=True),
    Kind.RIGHTS: Trait(Lane.CLUSTER, 3, 12, Aim.ALL, blinds=True, cuts=False),
    Kind.LEASE_RIGHTS: Trait(Lane.CLUSTER, 3, 12, Aim.ALL, blinds=True, cuts=False),
    Kind.LEASE: Trait(Lane.CLUSTER, 0, 0, Aim.ALL, blinds=False, cuts=False),
    Kind.DEFINITION: Trait(Lane.CLUSTER, 1, 5, Aim.ALL, blinds=True, cuts=False),
    Kind.TOKEN: Trait(Lane.CLUSTER, 12, 15, Aim.ALL, blinds=True, cuts=False),
}


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A fault from `at` seconds after the begin on; `operator` None meets all of them."""

    at: float
    kind: Kind
    seconds: float
    operator: int | None

    def __str__(self) -> str:
        """Return one line of a plan."""
        whom = "all" if self.operator is None else f"operator {self.operator}"
        return f"{self.at:7.2f} s  NEMESIS {self.kind}, {self.seconds:.1f} s, {whom}"

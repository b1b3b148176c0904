"""history keeps what was done and what was acknowledged, with its times, for the judge.

All times are seconds since the epoch, of this machine's clock.
"""

import threading
from dataclasses import dataclass, field
from math import inf

from chaos.script import Kind, TaskPlan


@dataclass(frozen=True, slots=True)
class Span:
    """Something that was asked for at `sent` and known to be done at `acked`."""

    sent: float
    acked: float
    version: int = 0
    """Of the object afterwards, where the answer told it."""


@dataclass(frozen=True, slots=True)
class State:
    """What a task is meant to do from an edit on."""

    edit: Span
    period: int
    suspended: bool = False


@dataclass(slots=True)
class Life:
    """One object from its creation to its deletion; a name may have several in turn."""

    plan: TaskPlan
    uid: str
    created: int
    """Its creationTimestamp, which is cut to the second."""
    states: list[State]
    once: int | None = None
    """The moment of a task that has one."""
    deleted: Span | None = None
    requests: dict[str, Span] = field(default_factory=dict)
    """Runs that were asked for, by the annotation's value, in their order."""

    @property
    def state(self) -> State:
        """The state that was acknowledged last."""
        return self.states[-1]

    def change(
        self, edit: Span, *, period: int | None = None, suspended: bool | None = None
    ) -> None:
        """Note an edit; one that changes nothing is none."""
        now = self.state
        after = State(
            edit,
            now.period if period is None else period,
            now.suspended if suspended is None else suspended,
        )
        if (after.period, after.suspended) != (now.period, now.suspended):
            self.states.append(after)


@dataclass(slots=True)
class Trouble:
    """A fault as it happened. `operator` is None for all of them."""

    kind: Kind
    operator: int | None
    begin: float
    end: float = inf


class History:
    """Everything that was done in one story; threads add to it."""

    def __init__(self) -> None:
        self.editing = threading.RLock()
        """Whoever changes lives holds it, for as long as the API server takes."""
        self._lock = threading.Lock()
        self.lives: list[Life] = []
        self.troubles: list[Trouble] = []
        self.notes: list[str] = []
        """What else went wrong: an operator that ended by itself, an edit that was refused."""
        self._current: dict[str, Life] = {}

    def current(self, name: str) -> Life | None:
        """Return the life that `name` has now."""
        return self._current.get(name)

    def alive(self) -> list[Life]:
        """Return those that were not deleted."""
        with self._lock:
            return list(self._current.values())

    def born(self, life: Life) -> None:
        """Note a creation."""
        with self._lock:
            self.lives.append(life)
            self._current[life.plan.name] = life

    def died(self, name: str, deletion: Span) -> None:
        """Note a deletion."""
        with self._lock:
            self._current.pop(name).deleted = deletion

    def begin(self, trouble: Trouble) -> Trouble:
        """Note the begin of a fault; who heals it sets its end."""
        with self._lock:
            self.troubles.append(trouble)
        return trouble

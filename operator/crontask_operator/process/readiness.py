"""Readiness says in words what the operator lacks to fire tasks, for ``/readyz``."""

from collections.abc import Callable
from math import isinf
from typing import Protocol


class Leases(Protocol):
    """What is known of the requests about Leases; see `crontask_operator.ownership.store`."""

    trouble: str
    """Why the last one was not carried out; empty if it was."""
    worked_at: float
    """When one was last carried out."""


class Readiness:
    """What is away, as it is at the moment of a question.

    Parameters
    ----------
    watch_age
        Returns the seconds since the watch for tasks was last heard of; inf before that.
    longest_age
        Seconds after which the view of the tasks is one no more.
    clock
        Seconds from the origin that those of `Leases` have.
    """

    def __init__(
        self, watch_age: Callable[[], float], longest_age: float, clock: Callable[[], float]
    ) -> None:
        self._watch_age = watch_age
        self._longest_age = longest_age
        self._clock = clock
        self._leases: Leases | None = None
        self._waits = "The operator is starting"

    def wait(self, waits: str) -> None:
        """Take note of what the start waits for."""
        self._waits = waits

    def started(self, leases: Leases) -> None:
        """Take note that the start is over; `leases` tells whether those are reached."""
        self._leases = leases

    def away_seconds(self) -> float:
        """Return for how long no request about Leases was carried out; 0 if the last one was."""
        leases = self._leases
        if leases is None or not leases.trouble or isinf(leases.worked_at):
            return 0.0
        return self._clock() - leases.worked_at

    def lacks(self) -> list[str]:
        """Return what is away, one sentence each; nothing if the operator is ready."""
        if self._leases is None:
            return [f"{self._waits}."]
        found = []
        if self._leases.trouble:
            found.append(
                f"The Leases cannot be read or written, for {self.away_seconds():.0f} s now: "
                f"{self._leases.trouble}."
            )
        age = self._watch_age()
        if isinf(age):
            found.append("The tasks are not listed yet.")
        elif age > self._longest_age:
            found.append(f"The watch for tasks was last heard of {age:.0f} s ago.")
        return found

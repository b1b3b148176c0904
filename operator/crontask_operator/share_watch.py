"""ShareWatch tells that a namespace uses its share of a pool up: seldom, but never not.

A namespace that asks for more than its share does so thousands of times a second. Each
time is counted, without the namespace, for tenants choose how many of those there are; the
log names it once in a while.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from crontask_operator.clock import Clock
from crontask_operator.events import Notice, Notify
from crontask_operator.metrics import SHARE_FULL
from crontask_operator.state import TaskState

logger = logging.getLogger(__name__)

QUIET_SECONDS: Final = 300.0
"""After a line about a namespace, the next one about it and the same pool."""

NAMESPACES_KEPT: Final = 1024
"""Namespaces of which it is known when they were told of."""


class ShareWatch:
    """What is told of one pool, which the metric calls `pool`; `now` is in seconds."""

    def __init__(self, pool: str, now: Callable[[], float] = monotonic) -> None:
        self._pool = pool
        self._now = now
        self._told: dict[str, float] = {}
        self._counted = SHARE_FULL.labels(pool)

    def full(self, namespace: str) -> bool:
        """Take note that `namespace` wants more; return whether it was told of now."""
        self._counted.inc()
        now = self._now()
        told = self._told.get(namespace)
        if told is not None and now - told < QUIET_SECONDS:
            return False
        self._told.pop(namespace, None)
        if len(self._told) >= NAMESPACES_KEPT:
            del self._told[next(iter(self._told))]
        self._told[namespace] = now
        logger.warning(
            "The namespace has used up its share of the %s.",
            self._pool,
            extra={"namespace": namespace},
        )
        return True


class CallShares:
    """Tells of the share of the calls in flight, by an Event on a task that waits as well."""

    def __init__(self, clock: Clock, notify: Notify) -> None:
        self._watch = ShareWatch("calls", lambda: clock.now().timestamp())
        self._notify = notify

    def full(self, state: TaskState, held: int) -> None:
        """Take note that a call of `state` waits, and `held` of its namespace are in flight."""
        if self._watch.full(state.namespace):
            message = (
                f"Calls of this namespace wait for others of it to end: {held} are in flight, "
                "which is its share while other namespaces are to have theirs."
            )
            self._notify(state, Notice.SHARE_USED_UP, message)

"""ShareWatch logs, now and then, that a namespace uses its share of a pool up.

A namespace that asks for more than its share does so thousands of times a second. Each
time is counted, without the namespace, for tenants choose how many of those there are; the
log names it once in a while.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from crontask_operator.process.metrics import SHARE_FULL

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

"""retries decides whether and when a failed attempt is made again, for the engine."""

from datetime import datetime, timedelta
from typing import Protocol

from crontask_core.enums import Reason
from crontask_core.spec import Retry

MAX_RETRY_AFTER_SECONDS = 3600
"""A target may ask for patience, but not park a run for days."""

MAX_DELAY_SECONDS = 86400
"""The longest delay that a spec may ask for."""

FINAL_REASONS = frozenset({Reason.CANCELLED, Reason.REPLACED, Reason.MISSED})
"""Ends that no further attempt can change."""


class Failure(Protocol):
    """What the decision needs to know of a failed attempt."""

    @property
    def reason(self) -> Reason:
        """How it ended."""

    @property
    def code(self) -> int | None:
        """HTTP or gRPC status, if an answer came."""

    @property
    def retry_after(self) -> float | None:
        """Seconds which the target asked for, if it did."""


def retry_delay(
    retry: Retry, failure: Failure, *, attempt: int, first_begin: datetime, now: datetime
) -> timedelta | None:
    """Return how long to wait after failed attempt number `attempt`; None: give up.

    A target's Retry-After lengthens the wait up to `MAX_RETRY_AFTER_SECONDS`, it never
    shortens it. A retry that would begin later than ``maxTotalSeconds`` after the
    first attempt began is not made.
    """
    if failure.reason in FINAL_REASONS or not _matches(retry, failure):
        return None
    seconds = _planned_seconds(retry, attempt)
    if seconds is None:
        return None
    if failure.retry_after is not None:
        seconds = max(seconds, min(failure.retry_after, MAX_RETRY_AFTER_SECONDS))
    delay = timedelta(seconds=seconds)
    if retry.max_total_seconds is not None:
        latest = first_begin + timedelta(seconds=retry.max_total_seconds)
        if now + delay > latest:
            return None
    return delay


def longest_delay(retry: Retry | None, attempt: int) -> timedelta:
    """Return the longest wait that can follow failed attempt number `attempt`.

    `retry` is None if it is not known by which rule the wait was planned.
    """
    planned = MAX_DELAY_SECONDS if retry is None else _planned_seconds(retry, attempt)
    return timedelta(seconds=max(planned or 0, MAX_RETRY_AFTER_SECONDS))


def _planned_seconds(retry: Retry, attempt: int) -> float | None:
    if retry.backoff is not None:
        if attempt > retry.backoff.attempts:
            return None
        # Bounded before it is raised: factor 10 to the power of 400 is no float.
        exponent = min(attempt - 1, 64)
        grown = retry.backoff.initial_seconds * retry.backoff.factor**exponent
        return min(grown, float(retry.backoff.max_seconds))
    if attempt > len(retry.delays_seconds):
        return None
    return retry.delays_seconds[attempt - 1]


def _matches(retry: Retry, failure: Failure) -> bool:
    if not retry.retry_on:
        return True
    for condition in retry.retry_on:
        if condition == failure.reason:
            return True
        if failure.code is not None and condition[0].isdigit():
            low, _, high = condition.partition("-")
            if int(low) <= failure.code <= int(high or low):
                return True
    return False

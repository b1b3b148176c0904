"""How long to wait before the next attempt, and when there is none."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from crontask_core.enums import Reason
from crontask_core.retries import retry_delay
from crontask_core.spec import Backoff, Retry

BEGIN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
DELAYS = Retry(delays_seconds=(2, 4, 8))


@dataclass(frozen=True)
class Failure:
    """A failed attempt."""

    reason: Reason = Reason.UNEXPECTED_STATUS
    code: int | None = 500
    retry_after: float | None = None


def delay(
    retry: Retry, attempt: int, failure: Failure | None = None, *, after: float = 0
) -> float | None:
    """Return the seconds to wait `after` so many seconds of the run; None to give up."""
    now = BEGIN + timedelta(seconds=after)
    found = retry_delay(retry, failure or Failure(), attempt=attempt, first_begin=BEGIN, now=now)
    return None if found is None else found.total_seconds()


def test_the_list_says_how_often_and_how_long() -> None:
    assert [delay(DELAYS, attempt) for attempt in (1, 2, 3, 4)] == [2, 4, 8, None]
    assert delay(Retry(), 1) is None


def test_backoff_grows_up_to_its_maximum() -> None:
    backoff = Backoff(initial_seconds=1, factor=2.5, max_seconds=10, attempts=5)
    retry = Retry(backoff=backoff)
    assert [delay(retry, attempt) for attempt in range(1, 7)] == [1, 2.5, 6.25, 10, 10, None]


def test_a_backoff_of_many_attempts_does_not_overflow() -> None:
    retry = Retry(backoff=Backoff(initial_seconds=3600, factor=10, max_seconds=60, attempts=1000))
    assert delay(retry, 1000) == 60


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(1.0, 2, id="shorter than planned"),
        pytest.param(30.0, 30, id="longer"),
        pytest.param(86400.0, 3600, id="for a day"),
    ],
)
def test_the_target_may_ask_for_more_time_within_an_hour(asked: float, waits: float) -> None:
    assert delay(DELAYS, 1, Failure(code=503, retry_after=asked)) == waits


@pytest.mark.parametrize(
    ("after", "waits"),
    [pytest.param(8, 2, id="just in time"), pytest.param(8.1, None, id="too late")],
)
def test_no_retry_begins_after_the_total_time(after: float, waits: float | None) -> None:
    retry = Retry(delays_seconds=(2,), max_total_seconds=10)
    assert delay(retry, 1, after=after) == waits


def test_patience_with_the_target_ends_with_the_total_time() -> None:
    retry = Retry(delays_seconds=(2,), max_total_seconds=10)
    assert delay(retry, 1, Failure(code=503, retry_after=60)) is None


@pytest.mark.parametrize(
    ("conditions", "failure", "again"),
    [
        pytest.param((), Failure(Reason.BODY_MISMATCH, 200), True, id="everything by default"),
        pytest.param(("Timeout",), Failure(Reason.TIMEOUT, None), True, id="reason"),
        pytest.param(("Timeout",), Failure(), False, id="another reason"),
        pytest.param(("503",), Failure(code=503), True, id="code"),
        pytest.param(("500-599",), Failure(code=599), True, id="range"),
        pytest.param(("500-599",), Failure(code=404), False, id="outside the range"),
        pytest.param(("500",), Failure(Reason.TIMEOUT, None), False, id="no code at all"),
        pytest.param(("404", "Timeout"), Failure(code=404), True, id="any of them"),
    ],
)
def test_only_named_failures_are_tried_again(
    conditions: tuple[str, ...], failure: Failure, again: bool
) -> None:
    retry = Retry(delays_seconds=(2,), retry_on=conditions)
    assert (delay(retry, 1, failure) is not None) == again


@pytest.mark.parametrize("reason", [Reason.CANCELLED, Reason.REPLACED, Reason.MISSED])
def test_what_was_ended_on_purpose_is_not_tried_again(reason: Reason) -> None:
    assert delay(DELAYS, 1, Failure(reason, None)) is None

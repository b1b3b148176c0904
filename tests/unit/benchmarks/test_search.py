"""The search for the largest number of tasks that is on time."""

from collections.abc import Callable
from typing import cast

import pytest

from benchmarks.measures import steady
from benchmarks.measures.burst import period_for
from benchmarks.measures.steady import Held
from benchmarks.outcome import Outcome
from benchmarks.stage import Stage
from benchmarks.summary import add_steady

SIZES = (100, 200, 300, 400)

Carries = Callable[[int, int], bool]


def _held(count: int, seconds: int, *, ok: bool) -> Held:
    return Held(count, seconds, p50=0.1, p99=0.5 if ok else 2.0, missed=0, load=1.0, cpu=1.0)


async def _search(
    monkeypatch: pytest.MonkeyPatch, carries: Carries, *, confirm: int
) -> list[tuple[int, int]]:
    async def hold(_: Stage, count: int, seconds: int) -> Held:
        return _held(count, seconds, ok=carries(count, seconds))

    monkeypatch.setattr(steady, "hold", hold)
    nobody = cast(Stage, None)
    trials = await steady.search(nobody, SIZES, trial=10, confirm=confirm)
    return [(held.count, held.seconds) for held in trials]


@pytest.mark.parametrize(
    ("carries", "confirm", "expected"),
    [
        pytest.param(
            lambda count, _: count <= 200,
            120,
            [(100, 10), (200, 10), (300, 10), (200, 120)],
            id="the largest that passed is confirmed",
        ),
        pytest.param(
            lambda count, seconds: count * seconds < 20_000,
            120,
            [
                (100, 10),
                (200, 10),
                (300, 10),
                (400, 10),
                (400, 120),
                (300, 120),
                (200, 120),
                (100, 120),
            ],
            id="what holds only for a moment is not the answer",
        ),
        pytest.param(lambda *_: False, 120, [(100, 10)], id="not even the smallest"),
        pytest.param(
            lambda *_: True, 0, [(size, 10) for size in SIZES], id="no confirmation asked for"
        ),
    ],
)
async def test_the_search_stops_at_the_first_failure(
    monkeypatch: pytest.MonkeyPatch,
    carries: Carries,
    confirm: int,
    expected: list[tuple[int, int]],
) -> None:
    assert await _search(monkeypatch, carries, confirm=confirm) == expected


@pytest.mark.parametrize(
    ("p99", "missed", "ok"), [(0.99, 0, True), (1.0, 0, False), (0.1, 1, False)]
)
def test_on_time_means_within_the_second_and_none_missed(p99: float, missed: int, ok: bool) -> None:
    assert Held(300, 120, p50=0.1, p99=p99, missed=missed, load=1.0, cpu=1.0).ok is ok


def test_only_the_longest_trial_counts() -> None:
    outcome = Outcome()

    add_steady(
        outcome, [_held(400, 10, ok=True), _held(400, 120, ok=False), _held(300, 120, ok=True)]
    )

    assert outcome.rows[0].reached.median == 300
    assert outcome.rows[0].met


def test_a_search_without_success_reached_nothing() -> None:
    outcome = Outcome()

    add_steady(outcome, [_held(100, 10, ok=False)])

    assert [row.reached.median for row in outcome.rows] == [0]
    assert outcome.rows[0].met is False


@pytest.mark.parametrize(
    ("count", "pace", "period"),
    [
        pytest.param(1000, 1000, 15, id="a thousand on a machine at rest"),
        pytest.param(1000, 500, 20, id="a thousand on a slower one"),
        pytest.param(5000, 1000, 60, id="five thousand"),
        pytest.param(1000, 130, 60, id="a thousand on a busy machine"),
        pytest.param(20_000, 10, 600, id="more than can be recorded in any time"),
    ],
)
def test_bursts_are_far_enough_apart_to_be_recorded(count: int, pace: float, period: int) -> None:
    assert period_for(count, pace) == period

"""The strip of a task's last runs: few bars take little room, so that a page can place them."""

from crontask_api.console.live.row import Run
from crontask_api.console.picture.strip import strip_of
from crontask_core.enums import RunStatus


def _run(status: RunStatus, place: int) -> Run:
    return Run(status, 1.0, 1_700_000_000.0 - place)


def test_bars_stand_oldest_first_and_take_no_more_room_than_they_need() -> None:
    good, bad = RunStatus.SUCCEEDED, RunStatus.FAILED
    strip = strip_of((_run(bad, 0), _run(good, 1), _run(good, 2)))
    assert [(bar.kind, bar.x) for bar in strip.bars] == [("good", 0), ("good", 8), ("bad", 16)]
    assert (strip.width, strip.good, strip.bad) == (21, 2, 1)


def test_more_than_ten_are_the_last_ten() -> None:
    runs = tuple(
        _run(RunStatus.SUCCEEDED if place < 10 else RunStatus.FAILED, place) for place in range(12)
    )
    strip = strip_of(runs)
    assert (len(strip.bars), strip.bad, strip.width) == (10, 0, 77)


def test_none_take_none() -> None:
    assert strip_of(()).width == 0

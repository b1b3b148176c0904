"""How long runs took and how late they began, as pictures and in words."""

from datetime import timedelta

import pytest

from crontask_api.console.picture.course import HEIGHT, WIDTH, Point, course_of
from crontask_api.console.runs.query import TaskRunsQuery, for_field
from crontask_api.console.task.course import courses_of
from crontask_api.console.words.language import Language
from tests.history.rows import NOON, failed, row, started


@pytest.mark.parametrize("count", [1, 5, 100])
def test_bars_are_within_the_picture_oldest_first(count: int) -> None:
    picture = course_of([Point(float(place), place % 7 == 3) for place in range(count)])
    assert picture is not None
    assert len(picture.bars) == count
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in picture.bars)
    assert all(bar.y > 0 and bar.y + bar.height == HEIGHT for bar in picture.bars)
    assert [bar.x for bar in picture.bars] == sorted(bar.x for bar in picture.bars)
    assert [bar.is_bad for bar in picture.bars][:4] == [False, False, False, True][:count]
    assert picture.bars[-1].height == max(bar.height for bar in picture.bars)
    # The newest stands at the right, however few there are.
    assert WIDTH - (picture.bars[-1].x + picture.bars[-1].width) < 10


def test_what_took_no_time_can_be_seen() -> None:
    picture = course_of([Point(0.0, False), Point(0.0, True)])
    assert picture is not None
    assert {bar.height for bar in picture.bars} == {1.5}
    beside = course_of([Point(0.0, False), Point(60.0, False)])
    assert beside is not None
    assert beside.bars[0].height == 1.5
    assert course_of([]) is None


def test_they_are_told_in_words() -> None:
    late = NOON - timedelta(seconds=3)
    rows = [
        started(9),
        row(8, attempt=2, begin_time=NOON, end_time=NOON + timedelta(seconds=8)),
        failed(8, begin_time=NOON, end_time=NOON + timedelta(seconds=2), scheduled_time=late),
        row(2),
        row(1),
    ]
    took, lag = courses_of(rows, Language("en"))
    assert (took.heading, took.told) == ("Duration", "4 attempts: median 1.0 s, at most 8.0 s")
    assert (lag.heading, lag.told) == ("Lag", "3 runs: median 4 ms, at most 3.0 s")
    assert lag.titles[-1] == "2026-03-10 12:00:00 UTC: 3.0 s"
    assert [bar.is_bad for bar in lag.picture.bars] == [False, False, True]
    assert took.begins == [
        "2026-03-10T12:00:01.004",
        "2026-03-10T12:00:02.004",
        "2026-03-10T12:00",
        "2026-03-10T12:00",
    ]


def test_of_few_runs_there_is_no_picture() -> None:
    assert courses_of([row(1), row(2), started(3)], Language("en")) == []
    # Of a stretch that was chosen there is, or nobody would see what it holds.
    assert len(courses_of([row(1)], Language("en"), least=1)) == 2
    assert courses_of([], Language("en"), least=1) == []


@pytest.mark.parametrize("milliseconds", [0, 1, 60_000, 61_500])
def test_a_stretch_means_the_same_when_its_form_is_sent_again(milliseconds: int) -> None:
    moment = NOON + timedelta(milliseconds=milliseconds)
    sent = TaskRunsQuery.read([("begin", for_field(moment))])
    assert (sent.begin, sent.is_a_stretch) == (moment, True)
    assert not TaskRunsQuery.read([("status", "Failed")]).is_a_stretch

"""What holds for every expression, in every zone and under every policy."""

from datetime import datetime, timedelta
from itertools import islice, pairwise, product
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError
from crontask_core.schedule import HORIZON, Schedule, compile_schedule
from tests.unit.schedule.changes import CHANGES, Change
from tests.unit.schedule.oracle import Pattern, answers, fires, first_match, utc
from tests.unit.schedule.patterns import patterns

# How long an example takes says nothing on a machine that others use as well.
_settings = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

CHANGE = st.sampled_from(sorted(CHANGES)).map(CHANGES.__getitem__)
POLICIES = st.sampled_from(list(product(DstGap, DstOverlap)))
HOURS_BEFORE = st.timedeltas(timedelta(0), timedelta(hours=26))
MOMENTS = st.integers(0, 110 * 365 * 86400).map(
    lambda seconds: utc("1990-01-01") + timedelta(seconds=seconds)
)


def _compiled(
    pattern: Pattern,
    zone: str = "UTC",
    gap: DstGap = DstGap.SKIP,
    overlap: DstOverlap = DstOverlap.BOTH,
) -> Schedule:
    try:
        return compile_schedule(pattern.text, time_zone=zone, gap=gap, overlap=overlap)
    except NeverFiresError:
        assume(False)
        raise


@_settings
@given(patterns(seconds=False), CHANGE, POLICIES, HOURS_BEFORE)
def test_over_a_clock_change_it_fires_when_the_oracle_says(
    pattern: Pattern,
    change: Change,
    policies: tuple[DstGap, DstOverlap],
    before: timedelta,
) -> None:
    begin = (change.at - before).replace(second=0, microsecond=0)
    end = change.at + timedelta(hours=26)
    schedule = _compiled(pattern, change.zone, *policies)
    expected = fires(pattern, ZoneInfo(change.zone), *policies, begin, end)

    assert list(islice(answers(schedule, begin, end), 20)) == list(islice(expected, 20))


@_settings
@given(patterns(seconds=True), CHANGE, POLICIES, st.integers(0, 300))
def test_it_does_so_to_the_second(
    pattern: Pattern, change: Change, policies: tuple[DstGap, DstOverlap], before: int
) -> None:
    begin = change.at - timedelta(seconds=before)
    end = change.at + timedelta(minutes=5)
    schedule = _compiled(pattern, change.zone, *policies)
    expected = fires(pattern, ZoneInfo(change.zone), *policies, begin, end)

    assert list(islice(answers(schedule, begin, end), 20)) == list(islice(expected, 20))


@_settings
@given(patterns(seconds=False), MOMENTS)
def test_in_any_year_the_answer_is_the_first_match(pattern: Pattern, after: datetime) -> None:
    schedule = _compiled(pattern)

    assert schedule.next(after) == first_match(pattern, after, after + HORIZON)


@_settings
@given(patterns(seconds=False), CHANGE, POLICIES, HOURS_BEFORE, st.data())
def test_the_answer_is_the_same_from_any_moment_in_between(
    pattern: Pattern,
    change: Change,
    policies: tuple[DstGap, DstOverlap],
    before: timedelta,
    data: st.DataObject,
) -> None:
    schedule = _compiled(pattern, change.zone, *policies)
    begin = change.at - before
    following = islice(answers(schedule, begin, begin + HORIZON), 4)

    for earlier, later in pairwise([begin, *following]):
        assert earlier < later
        span = (later - earlier) // timedelta(microseconds=1)
        between = earlier + timedelta(microseconds=data.draw(st.integers(0, span - 1)))
        assert schedule.next(between) == later

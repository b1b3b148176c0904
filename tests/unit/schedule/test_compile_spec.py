"""From the spec of a task to its schedule."""

from datetime import datetime, timedelta, timezone

import pytest

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule import compile_spec
from crontask_core.spec import Callback, CronTaskSpec, Dst
from tests.unit.schedule.oracle import utc

CREATED = utc("2026-03-01T12:00")


def _spec(
    schedule: str | None = None,
    at: datetime | None = None,
    time_zone: str = "UTC",
    dst: Dst | None = None,
) -> CronTaskSpec:
    return CronTaskSpec(
        callback=Callback(), schedule=schedule, at=at, time_zone=time_zone, dst=dst or Dst()
    )


def test_the_expression_is_read_in_the_spec_s_zone() -> None:
    schedule = compile_spec(_spec("0 9 * * *", time_zone="Asia/Tokyo"), seed="", anchor=CREATED)

    assert schedule.next(CREATED) == utc("2026-03-02T00:00")


def test_the_policies_are_those_of_the_spec() -> None:
    dst = Dst(gap=DstGap.RUN_AFTER, overlap=DstOverlap.SECOND)
    spec = _spec("30 2 * * *", time_zone="Europe/Berlin", dst=dst)
    schedule = compile_spec(spec, seed="", anchor=CREATED)

    assert schedule.next(utc("2024-03-30T12:00")) == utc("2024-03-31T01:00")
    assert schedule.next(utc("2024-10-26T12:00")) == utc("2024-10-27T01:30")


def test_the_seed_is_what_h_hashes_and_the_anchor_what_every_counts_from() -> None:
    one, other = (compile_spec(_spec("H H * * *"), seed=seed, anchor=CREATED) for seed in "ab")
    every = compile_spec(_spec("@every 45m"), seed="", anchor=CREATED)

    assert one.next(CREATED) != other.next(CREATED)
    assert every.next(CREATED) == utc("2026-03-01T12:45")


def test_at_fires_once_at_its_moment_and_never_again() -> None:
    moment = utc("2026-05-01T10:00:00.250")
    schedule = compile_spec(_spec(at=moment), seed="", anchor=CREATED)

    assert schedule.next(CREATED) == moment
    assert schedule.next(moment - timedelta(microseconds=1)) == moment
    assert schedule.next(moment) is None


def test_at_is_told_in_utc_and_may_lie_beyond_the_horizon() -> None:
    moment = datetime(2045, 5, 1, 10, tzinfo=timezone(timedelta(hours=2)))
    found = compile_spec(_spec(at=moment), seed="", anchor=CREATED).next(CREATED)

    assert found is not None
    assert found.isoformat() == "2045-05-01T08:00:00+00:00"


def test_at_refuses_a_naive_question() -> None:
    schedule = compile_spec(_spec(at=CREATED), seed="", anchor=CREATED)

    with pytest.raises(ValueError, match="expected an aware datetime, got the naive"):
        schedule.next(CREATED.replace(tzinfo=None))


MISTAKES = {
    "neither": (_spec(), "spec.schedule", "found neither, expected one of schedule and at"),
    "both": (
        _spec("@daily", at=CREATED),
        "spec.schedule",
        "found both, expected one of schedule and at",
    ),
    "a moment without an offset": (
        _spec(at=CREATED.replace(tzinfo=None)),
        "spec.at",
        "found '2026-03-01T12:00:00', expected an offset at its end, such as Z or +02:00",
    ),
    "a moment beyond the calendar": (
        _spec(at=datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))),
        "spec.at",
        "found '9999-12-31T23:00:00-05:00', expected a moment in the years 1 to 9999 in UTC",
    ),
    "a zone that is not there": (
        _spec("@daily", time_zone="Europe/Brelin"),
        "spec.timeZone",
        "found 'Europe/Brelin', expected a name of the IANA database; similar: Europe/Berlin, "
        "Europe/Dublin, Europe/Helsinki",
    ),
    "such a zone beside at": (
        _spec(at=CREATED, time_zone="Nowhere"),
        "spec.timeZone",
        "found 'Nowhere', expected a name of the IANA database, such as Europe/Berlin",
    ),
}


@pytest.mark.parametrize(("spec", "field", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_field(spec: CronTaskSpec, field: str, message: str) -> None:
    with pytest.raises(ScheduleError) as error:
        compile_spec(spec, seed="", anchor=CREATED)

    assert (error.value.field, error.value.message) == (field, message)


def test_a_schedule_with_no_match_in_the_years_after_the_anchor_is_refused() -> None:
    spec = _spec("0 0 29 2 */7")

    compile_spec(spec, seed="", anchor=utc("2031-01-01"))
    with pytest.raises(NeverFiresError, match=r"'0 0 29 2 \*/7' does not fire within five years"):
        compile_spec(spec, seed="", anchor=CREATED)

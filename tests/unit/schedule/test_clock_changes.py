"""Finding the clock changes of a zone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crontask_core.schedule.clock_changes import ClockChange, Zone
from tests.unit.schedule.changes import CHANGES, Change
from tests.unit.schedule.oracle import utc


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_found_to_the_second(change: Change) -> None:
    zone = Zone(ZoneInfo(change.zone))

    [found] = zone.changes(change.at - timedelta(days=2), change.at + timedelta(days=2))

    assert found.at == change.at
    assert found.after - found.before == timedelta(hours=change.hours)


def test_a_change_may_come_at_any_second() -> None:
    # Liberia was the last country to be no whole minutes away from UTC.
    monrovia = Zone(ZoneInfo("Africa/Monrovia"))

    [change] = monrovia.changes(utc("1971-12-31"), utc("1972-12-31"))

    assert change.at == utc("1972-01-07T00:44:30")
    assert change.skipped == timedelta(minutes=44, seconds=30)


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        pytest.param("2024-03-31T00:59:59", "2024-03-31T01:00", 1, id="until is included"),
        pytest.param("2024-03-31T01:00", "2024-10-27T00:59:59", 0, id="after is not"),
        pytest.param("2019-12-31", "2025-01-01", 10, id="two a year, over the years"),
        pytest.param("2037-06-01", "2042-06-01", 10, id="beyond the database's own list"),
    ],
)
def test_the_bounds_of_a_search(after: str, until: str, count: int) -> None:
    berlin = Zone(ZoneInfo("Europe/Berlin"))

    found = list(berlin.changes(utc(after), utc(until)))

    assert len(found) == count
    assert [change.at for change in found] == sorted(change.at for change in found)


def test_a_change_on_the_last_day_of_a_year_is_found_once() -> None:
    # Kiritimati moved over the date line and left out 1 January 1995.
    kiritimati = Zone(ZoneInfo("Pacific/Kiritimati"))

    [change] = kiritimati.changes(utc("1994-06-01"), utc("1995-06-01"))

    assert change.at == utc("1994-12-31T10:00")
    assert change.skipped == timedelta(days=1)


@pytest.mark.parametrize("name", ["UTC", "Etc/GMT-2", "Asia/Shanghai"])
def test_a_zone_without_changes_has_none(name: str) -> None:
    assert list(Zone(ZoneInfo(name)).changes(utc("2020-01-01"), utc("2026-01-01"))) == []


def test_a_change_either_leaves_out_or_repeats() -> None:
    hour = timedelta(hours=1)
    spring = ClockChange(utc("2024-03-31T01:00"), before=hour, after=2 * hour)
    autumn = ClockChange(utc("2024-10-27T01:00"), before=2 * hour, after=hour)

    assert (spring.skipped, spring.repeated) == (hour, timedelta(0))
    assert (autumn.skipped, autumn.repeated) == (timedelta(0), hour)


def test_whichever_years_are_asked_for_few_are_remembered() -> None:
    berlin = Zone(ZoneInfo("Europe/Berlin"))
    for year in range(2000, 2300):
        assert len(list(berlin.changes(utc(f"{year}-01-01"), utc(f"{year}-12-31")))) == 2
    assert len(berlin._by_year) <= 64

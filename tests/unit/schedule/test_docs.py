"""Every table and every example of ``docs/schedules.md`` is true."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from crontask_cli.program import app
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import ScheduleError
from crontask_core.schedule import compile_schedule, preview
from crontask_core.schedule.cron_parser import DESCRIPTORS
from crontask_core.schedule.field_parser import FieldParser
from crontask_core.schedule.fields import FIELDS
from tests.unit.schedule.oracle import utc

TEXT = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text(encoding="utf-8")
BERLIN = ZoneInfo("Europe/Berlin")


def _rows(first_header: str, sharing: str = "") -> list[list[str]]:
    """Return the cells of the table whose header begins so and holds `sharing`."""
    lines = iter(TEXT.splitlines())
    for line in lines:
        if line.startswith(f"| {first_header}") and sharing in line:
            next(lines)
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    break
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
            return rows
    raise AssertionError(f"docs/schedules.md has no table {first_header!r} with {sharing!r}")


def _code(cell: str) -> str:
    [code] = re.findall(r"`([^`]*)`", cell)
    return str(code)


def _ids(row: list[str]) -> str:
    return row[0]


def test_the_fields() -> None:
    documented = [
        (name, values + (f" or {names}" if names else "")) for name, values, names in _rows("Field")
    ]

    assert documented == [(field.name, field.allowed) for field in FIELDS]


@pytest.mark.parametrize("row", [row for row in _rows("Form") if row[2]], ids=lambda row: row[1])
def test_a_form(row: list[str]) -> None:
    _, example, name, values = row
    [field] = [field for field in FIELDS if field.name == name]

    matched = FieldParser(field, 1, seed="").parse(_code(example)).values

    assert values == " ".join(map(str, matched))


@pytest.mark.parametrize("row", _rows("Expression", "March 2026"), ids=_ids)
def test_the_day_rule(row: list[str]) -> None:
    times = preview(_code(row[0]), count=40, after=utc("2026-02-28T12:00"))

    assert row[1] == " ".join(f"{time.day}" for time in times if f"{time:%Y-%m}" == "2026-03")


def test_the_descriptors() -> None:
    documented = {
        descriptor.strip("` "): _code(same)
        for descriptors, same in _rows("Descriptor")
        for descriptor in descriptors.split(",")
    }

    assert documented == DESCRIPTORS


@pytest.mark.parametrize("row", _rows("Expression", "Seconds"), ids=_ids)
def test_a_period(row: list[str]) -> None:
    start = utc("2026-03-01")

    [found] = preview(_code(row[0]), count=1, after=start)

    assert found - start == timedelta(seconds=int(row[1]))


HASHED = {
    "once an hour": (24, range(24), range(60), 60),
    "once a day": (1, range(24), range(60), 24 * 60),
    "once a day, between 01:00 and 05:59": (1, range(1, 6), range(60), 24 * 60),
    "4 times an hour, a quarter of an hour apart": (96, range(24), range(60), 15),
    "3 times an hour, in its first half": (72, range(24), range(30), 10),
}


@pytest.mark.parametrize(
    "row", [row for row in _rows("Expression", "Fires |") if row[1] in HASHED], ids=_ids
)
def test_a_hashed_time_of_day(row: list[str]) -> None:
    a_day, hours, minutes, apart = HASHED[row[1]]
    for uid in map(str, range(20)):
        start = utc("2026-03-01") - timedelta(seconds=1)
        times = preview(_code(row[0]), count=2 * a_day, after=start, seed=uid)

        assert sum(time.day == 1 for time in times) == a_day
        assert all(time.hour in hours and time.minute in minutes for time in times)
        assert timedelta(minutes=apart) in {times[1] - times[0], times[-1] - times[-2]}


def test_a_hashed_day_of_the_month() -> None:
    [expression] = [_code(row[0]) for row in _rows("Expression", "Fires |") if "month" in row[1]]
    for uid in map(str, range(200)):
        times = preview(expression, count=12, after=utc("2025-12-31T23:59"), seed=uid)

        assert [time.month for time in times] == list(range(1, 13))
        assert 1 <= times[0].day <= 28


@pytest.mark.parametrize("row", _rows("Expression", "Message"), ids=_ids)
def test_a_mistake(row: list[str]) -> None:
    with pytest.raises(ScheduleError) as error:
        compile_schedule(_code(row[0]))

    assert error.value.message == row[1]


@pytest.mark.parametrize("row", _rows("Name", "Message"), ids=_ids)
def test_a_zone_that_is_none(row: list[str]) -> None:
    with pytest.raises(ScheduleError) as error:
        compile_schedule("@daily", time_zone=_code(row[0]))

    assert error.value.message == row[1]


def _until_five(
    expression: str, midnight: datetime, gap: DstGap, overlap: DstOverlap
) -> list[datetime]:
    times = preview(
        expression,
        count=30,
        after=midnight - timedelta(seconds=1),
        time_zone="Europe/Berlin",
        gap=gap,
        overlap=overlap,
    )
    end = midnight.astimezone(BERLIN).replace(hour=5).astimezone(UTC)
    return [time for time in times if time.astimezone(UTC) < end]


@pytest.mark.parametrize("row", _rows("Berlin, 31 March"), ids=_ids)
def test_clocks_go_forward(row: list[str]) -> None:
    expression, *documented = row
    for gap, times in zip(DstGap, documented, strict=True):
        found = _until_five(_code(expression), utc("2024-03-30T23:00"), gap, DstOverlap.BOTH)

        assert times == " ".join(f"{time:%H:%M}" for time in found)


@pytest.mark.parametrize("row", _rows("Berlin, 27 October"), ids=_ids)
def test_clocks_go_back(row: list[str]) -> None:
    expression, *documented = row
    for overlap, times in zip(DstOverlap, documented, strict=True):
        found = _until_five(_code(expression), utc("2024-10-26T22:00"), DstGap.SKIP, overlap)

        assert times == " ".join(time.isoformat(timespec="minutes")[11:] for time in found)


@pytest.mark.parametrize("day_before", ["2024-03-29", "2024-10-25"], ids=["spring", "autumn"])
def test_the_choice_for_once_on_each_day_is_right(day_before: str) -> None:
    [[_, gap, overlap]] = [row for row in _rows("The task") if "once on each day" in row[0]]
    for minute in range(0, 24 * 60, 10):
        times = preview(
            f"{minute % 60} {minute // 60} * * *",
            count=4,
            after=utc(f"{day_before}T23:30"),
            time_zone="Europe/Berlin",
            gap=DstGap(gap),
            overlap=DstOverlap(overlap),
        )

        days = {time.date() for time in times}
        assert len(days) == 4
        assert max(days) - min(days) == timedelta(days=3)


@pytest.mark.parametrize("row", _rows("Expression", "CronJob"), ids=_ids)
def test_what_is_accepted_here(row: list[str]) -> None:
    try:
        compile_schedule(_code(row[0]))
        outcome = "accepted"
    except ScheduleError:
        outcome = "refused"

    assert row[1].startswith(outcome)


EXAMPLES = re.findall(r"^\$ crontask (.*)\n(.*)$", TEXT, flags=re.MULTILINE)


@pytest.mark.parametrize(("arguments", "output"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_prints_what_it_says(arguments: str, output: str) -> None:
    result = CliRunner().invoke(app, shlex.split(arguments))

    assert result.output == f"{output}\n"

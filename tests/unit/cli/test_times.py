"""Spans and moments, as people write and read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.times import (
    compact,
    distance,
    length,
    parse_moment,
    parse_span,
    planned,
    written,
)

# Source: the tests of k8s.io/apimachinery/pkg/util/duration, whose rules these are.
AGES = {
    "0s": 0,
    "1s": 1,
    "119s": 119,
    "2m": 120,
    "2m1s": 121,
    "9m59s": 599,
    "10m": 600,
    "179m": 179 * 60,
    "3h": 3 * 3600,
    "3h1m": 3 * 3600 + 60,
    "7h59m": 8 * 3600 - 60,
    "8h": 8 * 3600,
    "47h": 47 * 3600,
    "2d": 48 * 3600,
    "2d1h": 49 * 3600,
    "7d23h": 8 * 86400 - 3600,
    "8d": 8 * 86400,
    "729d": 729 * 86400,
    "2y": 730 * 86400,
    "2y1d": 731 * 86400,
    "8y": 8 * 365 * 86400,
}


@pytest.mark.parametrize(("text", "seconds"), AGES.items())
def test_an_age_is_told_as_by_kubectl(text: str, seconds: int) -> None:
    assert compact(timedelta(seconds=seconds)) == text
    assert compact(-timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("2d", 172800), ("1d1s", 86401)]
)
def test_a_span_is_read(text: str, seconds: int) -> None:
    assert parse_span(text, "--since") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "1.5h", "-1h", "1h ", "1m1h", "9" * 20 + "s"])
def test_anything_else_is_a_mistake(text: str) -> None:
    with pytest.raises(CliError, match=r"--since: found .* expected a span such as") as caught:
        parse_span(text, "--since")
    assert caught.value.status == MISTAKE


def test_a_moment_needs_an_offset() -> None:
    assert parse_moment("2026-03-28T00:00:00") is None
    assert parse_moment("tomorrow") is None


MOMENT = datetime(2026, 3, 28, 15, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2026-03-28T15:20:00Z"),
        (MOMENT.replace(microsecond=4999), "2026-03-28T15:20:00.004Z"),
        (MOMENT.astimezone(ZoneInfo("Asia/Tokyo")), "2026-03-29T00:20:00+09:00"),
        (MOMENT.astimezone(ZoneInfo("Etc/UTC")), "2026-03-28T15:20:00Z"),
        # London is at no offset in winter alone.
        (MOMENT.astimezone(ZoneInfo("Europe/London")), "2026-03-28T15:20:00+00:00"),
    ],
)
def test_a_moment_is_written_with_its_offset(moment: datetime, text: str) -> None:
    assert written(moment) == text
    assert parse_moment(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_a_moment_that_is_planned_has_its_weekday_and_how_far_it_is() -> None:
    now = MOMENT - timedelta(hours=3, minutes=20)
    tokyo = MOMENT.astimezone(ZoneInfo("Asia/Tokyo"))
    assert planned(MOMENT, now) == "2026-03-28T15:20:00Z  Sat  in 3h20m"
    assert planned(tokyo, now) == "2026-03-29T00:20:00+09:00  Sun  in 3h20m"
    assert distance(now, MOMENT) == "3h20m ago"
    assert distance(now, now) == "in 0s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0ms"), (0.0042, "4ms"), (1.54, "1.5s"), (119, "119.0s"), (130, "2m10s"), (5400, "90m")],
)
def test_how_long_something_took(seconds: float, text: str) -> None:
    assert length(timedelta(seconds=seconds)) == text

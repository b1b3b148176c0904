"""An expression of another system means the same moments when it is a CronTask's.

Vixie's dialect is that of cronsim; the fields of EventBridge, and with them the days of Quartz,
those of pyawscron. Go's robfig/cron and Quartz' seconds have no library that reads them
rightly on PyPI (cron-schedule-triggers fires MON-FRI on a Sunday), so their times were worked
out by hand from their documents.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

import pytest
from cronsim import CronSim
from pyawscron import AWSCron

from crontask_cli.importing.dialects import (
    from_aws,
    from_crontab,
    from_go,
    from_google,
    from_quartz,
)
from crontask_cli.importing.found import NotConvertible
from crontask_core.schedule import preview

BEGIN = datetime(2026, 2, 27, 22, 30, tzinfo=UTC)
TEN = 10

CRONTAB = [
    "30 2 * * 1-5",
    "0 4 13 * FRI",
    "*/7 */5 * * *",
    "0 0 */2 * 1",
    "0 0 1-31/2 * mon",
    "15 0 29 2 *",
    "5,35 8-18/3 1,15 1-6 0",
    "0 12 * * 7",
    "*/90 3 * * *",
]
DAYS = [
    "0 12 ? * MON-FRI",
    "15 10 ? * 2-6",
    "0/5 14 * * ?",
    "30 8 ? * 1,7",
    "10 6 15 1,7 ?",
    "0 10 ? JAN-MAR 4",
    "0/20 8-17 ? * 2,4,6",
]
GO = {
    # A step of a star is a restriction to Go: odd days and Mondays besides.
    "0 0 */2 * 1": "03-01 03-02 03-03 03-05 03-07 03-09 03-11 03-13 03-15 03-16",
    "0 0 13 * */3": "02-28 03-01 03-04 03-07 03-08 03-11 03-13 03-14 03-15 03-18",
    "0 0 ? * 5": "03-06 03-13 03-20 03-27 04-03 04-10 04-17 04-24 05-01 05-08",
    "0 0 */1 * 5": "03-06 03-13 03-20 03-27 04-03 04-10 04-17 04-24 05-01 05-08",
    "0 0 ,1,,15 * *": "03-01 03-15 04-01 04-15 05-01 05-15 06-01 06-15 07-01 07-15",
    "0 0 */40 * *": "03-01 04-01 05-01 06-01 07-01 08-01 09-01 10-01 11-01 12-01",
}
QUARTZ = {
    "0 0 12 ? * 2-6": "03-02T12:00:00 03-03T12:00:00 03-04T12:00:00 03-05T12:00:00 03-06T12:00:00 "
    "03-09T12:00:00 03-10T12:00:00 03-11T12:00:00 03-12T12:00:00 03-13T12:00:00",
    "10/25 59 23 ? * SAT *": "02-28T23:59:10 02-28T23:59:35 03-07T23:59:10 03-07T23:59:35 "
    "03-14T23:59:10 03-14T23:59:35 03-21T23:59:10 03-21T23:59:35 03-28T23:59:10 03-28T23:59:35",
    "0 0 6 ? * 2/2": "03-02T06:00:00 03-04T06:00:00 03-06T06:00:00 03-09T06:00:00 "
    "03-11T06:00:00 03-13T06:00:00 03-16T06:00:00 03-18T06:00:00 03-20T06:00:00 03-23T06:00:00",
    # The library fails for a range over the end of the week, and in short months.
    "0 0 0 ? * 6-2": "02-28T00:00:00 03-01T00:00:00 03-02T00:00:00 03-06T00:00:00 03-07T00:00:00 "
    "03-08T00:00:00 03-09T00:00:00 03-13T00:00:00 03-14T00:00:00 03-15T00:00:00",
    "0 0 0 ? * FRI-MON": "02-28T00:00:00 03-01T00:00:00 03-02T00:00:00 03-06T00:00:00 "
    "03-07T00:00:00 03-08T00:00:00 03-09T00:00:00 03-13T00:00:00 03-14T00:00:00 03-15T00:00:00",
    "0 0 0 1/5 * ?": "03-01T00:00:00 03-06T00:00:00 03-11T00:00:00 03-16T00:00:00 03-21T00:00:00 "
    "03-26T00:00:00 03-31T00:00:00 04-01T00:00:00 04-06T00:00:00 04-11T00:00:00",
    "0 0 0 ? * 1": "03-01T00:00:00 03-08T00:00:00 03-15T00:00:00 03-22T00:00:00 03-29T00:00:00 "
    "04-05T00:00:00 04-12T00:00:00 04-19T00:00:00 04-26T00:00:00 05-03T00:00:00",
}


def ours(expression: str, count: int = TEN) -> list[datetime]:
    """Return the next times of a CronTask's expression."""
    return preview(expression, count=count, after=BEGIN)


def amazon(fields: str) -> list[datetime]:
    """Return the next times of EventBridge's expression."""
    moments, moment = [], BEGIN
    for _ in range(TEN):
        moment = AWSCron(f"{fields} *").occurrence(moment).next()
        moments.append(moment)
    return moments


@pytest.mark.parametrize("expression", CRONTAB)
def test_a_crontab_s_expression_keeps_its_times(expression: str) -> None:
    # cronsim refuses a step that is longer than its field, which Vixie's cron takes for its begin.
    known = expression.replace("*/90", "0")
    theirs = list(islice(CronSim(known, BEGIN), TEN))

    assert ours(from_crontab(expression)) == theirs


@pytest.mark.parametrize("fields", DAYS)
def test_eventbridge_keeps_its_times(fields: str) -> None:
    theirs = amazon(fields)

    assert ours(from_aws(f"cron({fields} *)")) == theirs


@pytest.mark.parametrize("fields", DAYS)
def test_quartz_keeps_its_days(fields: str) -> None:
    theirs = amazon(fields)

    assert ours(from_quartz(f"0 {fields}")) == theirs
    assert ours(from_quartz(f"0 {fields} *")) == theirs


@pytest.mark.parametrize(("expression", "dates"), GO.items())
def test_go_keeps_its_times(expression: str, dates: str) -> None:
    for seconds in (False, True):
        text = f"0 {expression}" if seconds else expression
        found = ours(from_go(text, seconds=seconds)[0])
        assert [f"{each:%m-%d}" for each in found] == dates.split()
        assert {(each.hour, each.minute, each.second) for each in found} == {(0, 0, 0)}


@pytest.mark.parametrize(("expression", "times"), QUARTZ.items())
def test_quartz_keeps_its_seconds(expression: str, times: str) -> None:
    texts = [from_quartz(expression)]
    if expression.startswith("0 "):
        texts.append(from_aws(f"cron({' '.join(expression.split()[1:6])} *)"))
    for text in texts:
        assert [f"{each:%m-%dT%H:%M:%S}" for each in ours(text)] == times.split()


def test_where_five_fields_begin_depends_on_who_reads_them() -> None:
    assert ours(from_go("30 2 * * *")[0], 1) == [datetime(2026, 2, 28, 2, 30, tzinfo=UTC)]
    assert ours(from_go("0 30 2 * * *", seconds=True)[0], 1) == [
        datetime(2026, 2, 28, 2, 30, tzinfo=UTC)
    ]


def test_the_zone_that_go_s_expression_begins_with() -> None:
    assert from_go("CRON_TZ=Asia/Tokyo 0 9 * * *") == ("0 9 * * *", "Asia/Tokyo")
    assert from_go("TZ=Asia/Tokyo @daily") == ("@daily", "Asia/Tokyo")
    assert from_go("@every 1h30m") == ("@every 1h30m", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate(5 minutes)", "@every 5m"),
        ("rate(1 hour)", "@every 1h"),
        ("rate( 7 days )", "@every 168h"),
    ],
)
def test_a_rate(text: str, expected: str) -> None:
    assert from_aws(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 5 minutes", "@every 5m"),
        ("every 12 hours", "@every 12h"),
        ("*/15 8-18 * * 1-5", "*/15 8-18 * * 1-5"),
    ],
)
def test_cloud_scheduler(text: str, expected: str) -> None:
    assert from_google(text) == expected


REFUSED: dict[str, tuple[Callable[[str], object], str]] = {
    "@reboot": (from_crontab, "@reboot"),
    "0 0 * *": (from_crontab, "found 4 fields"),
    "5~20 * * * *": (from_crontab, "random value"),
    "5/20 * * * *": (from_crontab, "step without a range"),
    "? 0 * * *": (from_crontab, "is not known there"),
    "0 0 * * 7": (from_go, "Sunday is 0"),
    "0 0 0 * * *": (from_go, "found 6 fields"),
    "@manually": (from_go, "no moment"),
    "0 0 12 * * *": (from_quartz, "expected ? in exactly one"),
    "0 0 12 ? * ?": (from_quartz, "expected ? in exactly one"),
    "0 0 12 L * ?": (from_quartz, "L, W and # have no equal"),
    "0 0 12 ? * 6#3": (from_quartz, "L, W and # have no equal"),
    "0 0 12 15W * ?": (from_quartz, "L, W and # have no equal"),
    "0 0 12 ? * 0": (from_quartz, "expected 1-7"),
    "0 0 12 ? * 2 2027": (from_quartz, "the year '2027'"),
    "0 12 * * ?": (from_quartz, "found 5 fields"),
    "cron(0 12 * * ? 2027)": (from_aws, "the year '2027'"),
    "rate(5 weeks)": (from_aws, "expected rate(...)"),
    "every monday 09:00": (from_google, "App Engine's"),
    "0 0 */2 * 1": (from_google, "not defined there"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_said(text: str) -> None:
    reads, told = REFUSED[text]
    with pytest.raises(NotConvertible) as caught:
        reads(text)
    assert told in str(caught.value)

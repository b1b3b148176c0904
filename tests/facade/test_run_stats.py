"""run_stats: figures of runs, in every span of the time that is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crontask_api.routes.run_stats import ANSWER, REQUEST
from tests.facade.client import Facade, Json
from tests.facade.kept import keep
from tests.history.rows import failed, row

EMPTY: Json = {
    "runs": 0,
    "failures": 0,
    "retries": 0,
    "lag_p50_seconds": None,
    "lag_p99_seconds": None,
    "duration_p50_seconds": None,
    "duration_p99_seconds": None,
}


def counted(facade: Facade, **options: object) -> Json:
    """Return the data of an answer whose state is 0."""
    envelope = facade.post("run_stats", options)
    assert (envelope["state"], envelope["msg"]) == (0, ""), envelope
    data: Json = envelope["data"]
    return data


def test_every_span_is_told_and_the_tasks_that_stand_out(
    reader: Facade, history_url: str, namespace: str
) -> None:
    rows = [row(at) for at in range(10)]
    rows += [failed(125, name="stock", task_name="stock of today"), failed(126, attempt=2)]
    keep(history_url, [replace(each, namespace=namespace) for each in rows])
    data = counted(reader, per="minute", begin="2026-03-10T12:00:00Z", end="2026-03-10T12:04:00Z")
    took = {"duration_p50_seconds": 0.027, "duration_p99_seconds": 0.027}
    lag = {"lag_p50_seconds": 0.004, "lag_p99_seconds": 0.004}
    assert data["span_list"] == [
        {**EMPTY, **took, **lag, "runs": 10, "begin_time": "2026-03-10T12:00:00Z"},
        {**EMPTY, "begin_time": "2026-03-10T12:01:00Z"},
        {
            **{**took, **lag, "runs": 1, "failures": 2, "retries": 1},
            "begin_time": "2026-03-10T12:02:00Z",
        },
        {**EMPTY, "begin_time": "2026-03-10T12:03:00Z"},
    ]
    assert [(each["task_id"], each["failures"]) for each in data["failing_list"]] == [
        ("prices", 1),
        ("stock", 1),
    ]
    assert [each["name"] for each in data["slowest_list"]] == ["定时改价", "stock of today"]


def test_the_example_works_as_it_stands(reader: Facade, history_url: str, namespace: str) -> None:
    begin = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    keep(history_url, [failed(namespace=namespace, scheduled_time=begin, begin_time=begin)])
    data = counted(reader, **REQUEST)
    assert data.keys() == ANSWER.keys()
    for each in ("span_list", "failing_list"):
        assert [figures.keys() for figures in data[each]] == [ANSWER[each][0].keys()]


@pytest.mark.parametrize(("per", "spans"), [("minute", 60), ("hour", 24), ("day", 30)])
def test_without_a_begin_the_latest_spans_are_counted(
    reader: Facade, history_url: str, namespace: str, per: str, spans: int
) -> None:
    moment = datetime.now(UTC) - timedelta(seconds=1)
    keep(history_url, [row(namespace=namespace, scheduled_time=moment, begin_time=moment)])
    found = counted(reader, per=per)["span_list"]
    assert len(found) in (spans, spans + 1)
    assert sum(each["runs"] for each in found[-2:]) == 1


def test_filters_choose_what_is_counted(reader: Facade, history_url: str, namespace: str) -> None:
    rows = [row(1), row(2, name="stock", module=9), failed(3, name="stock", module=9)]
    keep(history_url, [replace(each, namespace=namespace) for each in rows])
    time = {"begin": "2026-03-10T12:00:00Z", "end": "2026-03-10T13:00:00Z"}
    for options, runs in (
        ({}, 3),
        ({"module": 9}, 2),
        ({"task_id": "prices"}, 1),
        ({"status": 3}, 1),
    ):
        (span,) = counted(reader, **time, **options)["span_list"]
        assert span["runs"] == runs


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"per": "week"}, "per: expected 'minute', 'hour' or 'day'"),
        ({"per": 60}, "per: expected a string"),
        (
            {"per": "minute", "begin": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"},
            "begin, end: expected a time of at most 1500 spans of one minute, found 44640",
        ),
        (
            {"begin": "2026-03-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"},
            "begin: expected a moment",
        ),
        ({"begin": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"}, "begin, end: expected"),
    ],
)
def test_what_cannot_be_counted_is_named(reader: Facade, options: Json, complaint: str) -> None:
    envelope = reader.post("run_stats", options)
    assert envelope["state"] == 1
    assert envelope["msg"].startswith(complaint)


@pytest.mark.parametrize("per", ["minute", "hour", "day"])
@pytest.mark.parametrize("year", ["0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z"])
def test_any_moment_can_be_asked_for(reader: Facade, per: str, year: str) -> None:
    assert counted(reader, per=per, end=year)["span_list"][-1]["begin_time"][:10] == year[:10]

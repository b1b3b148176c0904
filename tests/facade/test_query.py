"""query_task_status: the log of many tasks, newest first, whole or by pages."""

from typing import Any

import pytest

from tests.facade.client import Facade, Json, item
from tests.facade.objects import Objects

FIRST: Json = {
    "executionId": "a" * 32,
    "runType": "Scheduled",
    "attempt": 1,
    "status": "Failed",
    "scheduledTime": "2026-03-01T02:30:00Z",
    "beginTime": "2026-03-01T02:30:00.004Z",
    "endTime": "2026-03-01T02:30:01Z",
    "url": "http://x/aa",
    "body": '{"a":1}',
    "response": "busy",
    "code": 503,
    "reason": "UnexpectedStatus",
    "error": "expected 200-299, got 503",
}
RETRY: Json = {
    **FIRST,
    "runType": "Retry",
    "attempt": 2,
    "status": "Succeeded",
    "beginTime": "2026-03-01T02:30:03Z",
    "endTime": "2026-03-01T02:30:03.250Z",
    "response": "ok",
    "code": 200,
    "reason": "OK",
    "error": "",
}
IN_FLIGHT: Json = {
    "executionId": "b" * 32,
    "runType": "Manual",
    "attempt": 1,
    "status": "Started",
    "scheduledTime": "2026-03-01T09:00:00Z",
    "beginTime": "2026-03-01T09:00:00Z",
    "url": "http://x/aa",
}


def test_records_in_the_words_of_the_document(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[IN_FLIGHT, RETRY, FIRST])

    data = facade.data("query_task_status", {"task_id": int(own_id)})

    assert data["next_cursor"] == ""
    assert data["task_result"] == [{"task_id": own_id, "name": "定时改价", "err": "", "code": 0}]
    in_flight, retry, first = data["log_list"]
    assert first == {
        "task_id": own_id,
        "name": "定时改价",
        "run_type": 1,
        "status": 3,
        "begin_time": "2026-03-01T02:30:00.004Z",
        "end_time": "2026-03-01T02:30:01Z",
        "url": "http://x/aa",
        "body": '{"a":1}',
        "resp": "busy",
        "execution_id": "a" * 32,
        "attempt": 1,
        "scheduled_time": "2026-03-01T02:30:00Z",
        "code": 503,
        "reason": "UnexpectedStatus",
        "error": "expected 200-299, got 503",
    }
    assert (retry["run_type"], retry["status"], retry["resp"]) == (2, 2, "ok")
    assert (in_flight["run_type"], in_flight["status"]) == (3, 1)
    assert (in_flight["end_time"], in_flight["code"], in_flight["reason"]) == ("", None, "")


def test_a_run_that_came_late_is_a_normal_one(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[FIRST | {"runType": "CatchUp"}])

    (entry,) = facade.data("query_task_status", {"task_id": own_id})["log_list"]

    assert entry["run_type"] == 1


def test_many_tasks_in_one_call_newest_first(facade: Facade, objects: Objects) -> None:
    begins = {
        "a": ["2026-03-01T00:00:05Z", "2026-03-01T00:00:02Z"],
        "b": ["2026-03-01T00:00:04.999Z", "2026-03-01T00:00:03Z"],
        "c": [],
    }
    _write_runs(facade, objects, begins)

    data = facade.data(
        "query_task_status", {"name": "a"}, {"name": "none"}, {"name": "b"}, {"name": "c"}
    )

    assert [entry["name"] for entry in data["log_list"]] == ["a", "b", "b", "a"]
    assert [result["code"] for result in data["task_result"]] == [0, 5, 0, 0]


def test_a_task_that_is_asked_for_twice_is_in_the_log_once(
    facade: Facade, objects: Objects
) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[FIRST])

    data = facade.data("query_task_status", {"name": "定时改价"}, {"task_id": own_id})

    assert len(data["log_list"]) == 1
    assert [result["err"] for result in data["task_result"]] == ["", ""]


@pytest.mark.parametrize(
    ("filters", "attempts"),
    [
        ({}, [1, 2, 1]),
        ({"status": 1}, [1]),
        ({"status": 2}, [2]),
        ({"run_type": 1}, [1]),
        ({"run_type": 2, "status": 3}, []),
        ({"since": "2026-03-01T09:00:00Z"}, [1]),
        ({"since": "2026-03-01T10:30:03+08:00"}, [1, 2]),
        ({"since": 1772332203}, [1, 2]),
        ({"since": "2027-01-01T00:00:00Z"}, []),
        ({"limit": 1}, [1]),
        ({"limit": 2.0}, [1, 2]),
    ],
    ids=str,
)
def test_filters(
    facade: Facade, objects: Objects, filters: dict[str, Any], attempts: list[int]
) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[IN_FLIGHT, RETRY, FIRST])

    data = facade.data("query_task_status", {"task_id": own_id}, **filters)

    assert [entry["attempt"] for entry in data["log_list"]] == attempts


def test_pages_join_to_the_whole_log(facade: Facade, objects: Objects) -> None:
    # Two tasks that began in the same millisecond, over and over.
    begins = [f"2026-03-01T00:00:{second:02}Z" for second in range(10)]
    _write_runs(facade, objects, {"a": begins, "b": begins})
    tasks = [{"name": "a"}, {"name": "b"}]
    whole = facade.data("query_task_status", *tasks)["log_list"]

    pages: list[list[Json]] = []
    cursor = ""
    while not pages or cursor:
        data = facade.data("query_task_status", *tasks, limit=3, cursor=cursor)
        pages.append(data["log_list"])
        cursor = data["next_cursor"]

    assert [len(page) for page in pages] == [3, 3, 3, 3, 3, 3, 2]
    assert [entry for page in pages for entry in page] == whole
    assert len(whole) == 20


def test_new_records_do_not_shift_the_pages(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[RETRY, FIRST])
    first = facade.data("query_task_status", {"task_id": own_id}, limit=1)

    objects.set_status(own_id, runs=[IN_FLIGHT, RETRY, FIRST])
    second = facade.data(
        "query_task_status", {"task_id": own_id}, limit=1, cursor=first["next_cursor"]
    )

    assert [entry["attempt"] for entry in first["log_list"] + second["log_list"]] == [2, 1]
    assert second["log_list"][0]["begin_time"] == FIRST["beginTime"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"status": 4}, "status: expected 1, 2 or 3, found 4"),
        ({"run_type": "1"}, 'run_type: expected an integer, found "1"'),
        ({"since": "yesterday"}, "since: "),
        ({"since": "2026-03-01T00:00:00"}, "since: "),
        ({"since": 1e300}, "since: expected a Unix timestamp"),
        ({"limit": 0}, "limit: expected greater than or equal to 1"),
        ({"limit": 10_001}, "limit: expected less than or equal to 10000"),
        ({"cursor": "x"}, "cursor: expected next_cursor"),
        ({"cursor": "WyIyMDI2LTAzLTAxVDAwOjAwOjAwIiwxLCJhIl0="}, "cursor: expected next_cursor"),
        ({"cursor": 5}, "cursor: expected a string"),
    ],
    ids=str,
)
def test_wrong_options_are_refused(facade: Facade, options: dict[str, Any], words: str) -> None:
    answer = facade.post("query_task_status", {"task_list": [], **options})

    assert answer["state"] == 1
    assert words in answer["msg"]


def _write_runs(facade: Facade, objects: Objects, begins: dict[str, list[str]]) -> None:
    for result in facade.add(*(item(name=name) for name in begins)):
        times = sorted(begins[result["name"]], reverse=True)
        objects.set_status(
            result["task_id"],
            runs=[
                FIRST
                | {"beginTime": time, "executionId": f"{result['name']}{number}".ljust(32, "0")}
                for number, time in enumerate(times)
            ],
        )

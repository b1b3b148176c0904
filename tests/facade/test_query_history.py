"""query_task_status where a history is kept: all of the log, and that of the status without it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crontask_core.enums import RunType
from crontask_core.times import rfc3339
from crontask_history.row import RunRow
from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.facade.test_query import FIRST, IN_FLIGHT
from tests.history.rows import NOON, failed, row, started
from tests.support.postgres import run_postgres
from tests.support.programs import run_facade


def in_status(kept: RunRow, **changes: object) -> Json:
    """Return the record that the status has of the attempt in `kept`."""
    whole = {
        "executionId": kept.execution_id,
        "runType": kept.run_type,
        "attempt": kept.attempt,
        "status": kept.status,
        "scheduledTime": rfc3339(kept.scheduled_time),
        "beginTime": rfc3339(kept.begin_time),
        "endTime": rfc3339(kept.end_time) if kept.end_time else None,
        "response": "cut",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def read(facade: Facade, *tasks: str, **options: object) -> Json:
    """Return what the log says of the tasks with these ids."""
    items = [{"task_id": task} for task in tasks]
    return facade.data("query_task_status", *items, **options)


def seconds(log: Json) -> list[int]:
    """Return at which second each attempt of the log began, counted by its id."""
    return [int(entry["execution_id"], 16) for entry in log["log_list"]]


def test_an_attempt_reads_as_it_does_from_the_status(
    reader: Facade, objects: Objects, history_url: str, namespace: str
) -> None:
    own_id = reader.add_one()
    own = failed(1, **_of(objects, own_id), response="busy" * 1000)
    keep(history_url, [own])
    log = read(reader, own_id)
    assert log["source"] == "history"
    assert log["task_result"] == [{"task_id": own_id, "name": "定时改价", "err": "", "code": 0}]
    assert log["log_list"] == [
        {
            "task_id": own_id,
            "name": "定时改价",
            "run_type": 1,
            "status": 3,
            "begin_time": "2026-03-10T12:00:01.004Z",
            "end_time": "2026-03-10T12:00:01.031Z",
            "url": "http://prices.shop.svc/refresh",
            "body": '{"scope": "all"}',
            "resp": "busy" * 1000,
            "execution_id": f"{1:032x}",
            "attempt": 1,
            "scheduled_time": "2026-03-10T12:00:01Z",
            "code": 503,
            "reason": "UnexpectedStatus",
            "error": "expected status 200-299, got 503",
        }
    ]


def test_a_hundred_attempts_are_the_default_and_pages_lead_to_all(
    reader: Facade, objects: Objects, history_url: str
) -> None:
    tasks = [reader.add_one(name=name) for name in ("often", "seldom")]
    keys = [_of(objects, task) for task in tasks]
    rows = [row(at, **keys[at % 10 == 0], execution_id=f"{at:032x}") for at in range(1300)]
    keep(history_url, rows)
    assert seconds(read(reader, *tasks)) == list(range(1299, 1199, -1))
    assert seconds(read(reader, tasks[1], limit=10_000)) == list(range(1290, -1, -10))
    assert len(read(reader, *tasks, limit=10_000)["log_list"]) == 1000
    found: list[int] = []
    cursor = None
    while cursor != "":
        log = read(reader, *tasks, limit=400, cursor=cursor)
        found += seconds(log)
        cursor = log["next_cursor"]
    assert found == list(range(1299, -1, -1))


def test_what_the_status_alone_holds_is_in_the_log(
    reader: Facade, objects: Objects, history_url: str, namespace: str
) -> None:
    own_id = reader.add_one()
    kept = [row(at, **_of(objects, own_id)) for at in range(10)]
    before = failed(0, execution_id=f"{100:032x}", begin_time=NOON - timedelta(days=1))
    newest = row(11, execution_id=f"{11:032x}")
    keep(history_url, kept)
    objects.set_status(own_id, runs=[in_status(each) for each in (newest, kept[9], before)])
    log = read(reader, own_id)
    assert seconds(log) == [11, *range(9, -1, -1), 100]
    assert [entry["resp"] for entry in log["log_list"]] == ["cut", *["done"] * 10, "cut"]
    found: list[int] = []
    cursor = None
    while cursor != "":
        log = read(reader, own_id, limit=3, cursor=cursor)
        found += seconds(log)
        cursor = log["next_cursor"]
    assert found == [11, *range(9, -1, -1), 100]


def test_an_attempt_that_has_ended_is_not_shown_as_begun(
    reader: Facade, objects: Objects, history_url: str, namespace: str
) -> None:
    own_id = reader.add_one()
    own = _of(objects, own_id)
    keep(history_url, [started(1, **own), row(2, **own)])
    objects.set_status(own_id, runs=[in_status(started(2)), in_status(row(1))])
    assert [entry["status"] for entry in read(reader, own_id)["log_list"]] == [2, 2]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"status": 3}, [3]),
        ({"run_type": 3}, [2]),
        ({"begin": rfc3339(NOON + timedelta(seconds=2))}, [3, 2]),
        ({"since": rfc3339(NOON + timedelta(seconds=2))}, [3, 2]),
        ({"end": rfc3339(NOON + timedelta(seconds=2))}, [1, 0]),
    ],
    ids=str,
)
def test_filters(
    reader: Facade,
    objects: Objects,
    history_url: str,
    namespace: str,
    options: Json,
    found: list[int],
) -> None:
    own_id = reader.add_one()
    rows = [row(1), row(2, run_type=RunType.MANUAL), failed(3)]
    keep(history_url, [replace(each, **_of(objects, own_id)) for each in rows])
    objects.set_status(own_id, runs=[in_status(row(0))])
    assert seconds(read(reader, own_id, **options)) == found


def test_another_task_is_not_in_the_log(reader: Facade, objects: Objects, history_url: str) -> None:
    own_id = reader.add_one()
    own = _of(objects, own_id)
    others = [{"name": "another"}, {"namespace": "other"}, {"uid": "of-the-one-deleted-before"}]
    keep(history_url, [row(at, **{**own, **other}) for at, other in enumerate(others)])
    assert read(reader, own_id)["log_list"] == []


def test_without_a_history_the_log_is_that_of_the_status(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()
    objects.set_status(own_id, runs=[FIRST])
    log = read(facade, own_id)
    assert (log["source"], len(log["log_list"])) == ("status", 1)


def test_a_database_that_is_away_or_hangs_leaves_the_status_and_says_so(
    control_plane: ControlPlane, objects: Objects, namespace: str
) -> None:
    with run_postgres() as server:
        url = server.url(server.new_database())
        settings = {"CRONTASK_API_HISTORY_URL": url}
        with (
            run_facade(control_plane, namespace, settings=settings) as program,
            Facade(program.url, namespace) as client,
        ):
            own_id = client.add_one()
            keep(url, [row(1, **_of(objects, own_id))])
            objects.set_status(own_id, runs=[IN_FLIGHT])
            asked = {"task_list": [{"task_id": own_id}]}
            answer = client.post("query_task_status", asked)
            assert (answer["msg"], len(answer["data"]["log_list"])) == ("", 2)
            for away in (server.pause, server.kill):
                away()
                answer = client.post("query_task_status", asked)
                assert answer["state"] == 0
                assert answer["data"]["source"] == "status"
                assert [entry["run_type"] for entry in answer["data"]["log_list"]] == [3]
                assert answer["msg"].startswith("warning: the ")
                assert "the log holds the latest attempts of each task alone" in answer["msg"]


def test_tables_that_are_not_there_yet_leave_the_status(
    control_plane: ControlPlane, objects: Objects, namespace: str, tmp_path: Path
) -> None:
    settings = {"CRONTASK_API_HISTORY_URL": f"sqlite:///{tmp_path / 'runs.db'}"}
    with (
        run_facade(control_plane, namespace, settings=settings) as program,
        Facade(program.url, namespace) as client,
    ):
        own_id = client.add_one()
        objects.set_status(own_id, runs=[FIRST])
        log = read(client, own_id)
        assert (log["source"], len(log["log_list"])) == ("status", 1)


def _of(objects: Objects, name: str) -> Json:
    """Return by which fields rows belong to the task `name`."""
    metadata = objects.get(name)["metadata"]
    return {field: metadata[field] for field in ("namespace", "name", "uid")}

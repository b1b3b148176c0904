"""list_runs: what the history holds of all tasks, in the words of the document."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from crontask_api.routes.list_runs import ANSWER, REQUEST
from crontask_core.enums import RunType
from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json
from tests.facade.cluster import create_reader
from tests.facade.kept import keep
from tests.history.rows import failed, row, started
from tests.support.programs import run_facade


def listed(facade: Facade, **options: Any) -> Json:
    """Return the data of an answer whose state is 0."""
    envelope = facade.post("list_runs", options)
    assert (envelope["state"], envelope["msg"]) == (0, ""), envelope
    data: Json = envelope["data"]
    return data


def test_a_run_in_the_words_of_the_document(
    reader: Facade, history_url: str, namespace: str
) -> None:
    keep(history_url, [failed(1, namespace=namespace)])
    (run,) = listed(reader, texts=True)["run_list"]
    assert run == {
        "task_id": "prices",
        "name": "定时改价",
        "run_type": 1,
        "status": 3,
        "begin_time": "2026-03-10T12:00:01.004Z",
        "end_time": "2026-03-10T12:00:01.031Z",
        "url": "http://prices.shop.svc/refresh",
        "body": '{"scope": "all"}',
        "resp": "busy",
        "execution_id": f"{1:032x}",
        "attempt": 1,
        "scheduled_time": "2026-03-10T12:00:01Z",
        "code": 503,
        "reason": "UnexpectedStatus",
        "error": "expected status 200-299, got 503",
        "namespace": namespace,
        "module": 2,
        "lag_seconds": 0.004,
        "replica": "operator-0",
        "redrive_of": "",
        "redriven_by": "",
    }
    (short,) = listed(reader)["run_list"]
    assert short == {**run, "body": "", "resp": ""}


def test_the_example_works_as_it_stands(reader: Facade, history_url: str, namespace: str) -> None:
    begin = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    keep(history_url, [failed(namespace=namespace, scheduled_time=begin, begin_time=begin)])
    answer = reader.post("list_runs", REQUEST)
    assert (answer["state"], answer["msg"]) == (0, "")
    (run,) = answer["data"]["run_list"]
    assert run.keys() == ANSWER["run_list"][0].keys()


def test_pages_go_both_ways(reader: Facade, history_url: str, namespace: str) -> None:
    keep(history_url, [row(at, namespace=namespace) for at in range(25)])
    for oldest_first in (False, True):
        found: list[str] = []
        cursor = None
        while cursor != "":
            data = listed(reader, limit=10, cursor=cursor, oldest_first=oldest_first)
            found += [run["execution_id"] for run in data["run_list"]]
            cursor = data["next_cursor"]
        assert found == sorted((f"{at:032x}" for at in range(25)), reverse=not oldest_first)


@pytest.mark.parametrize(
    "options",
    [
        {"task_id": "stock"},
        {"name": "stock of today"},
        {"module": 9},
        {"status": 3},
        {"run_type": 3},
        {"reason": "UnexpectedStatus"},
        {"code": 503},
        {"execution_id": f"{60:032x}"},
        {"text": "BUSY"},
        {"begin": "2026-03-10T12:00:50Z"},
        {"begin": 1773144050, "end": "2026-03-10T13:00:00Z"},
    ],
)
def test_filters(reader: Facade, history_url: str, namespace: str, options: Json) -> None:
    one = failed(60, name="stock", task_name="stock of today", module=9, run_type=RunType.MANUAL)
    others = [row(1), row(2, run_type=RunType.CATCH_UP), started(3)]
    keep(history_url, [replace(each, namespace=namespace) for each in (one, *others)])
    data = listed(reader, **options)
    assert [run["execution_id"] for run in data["run_list"]] == [one.execution_id]


def test_a_run_that_came_late_is_a_normal_one(
    reader: Facade, history_url: str, namespace: str
) -> None:
    keep(history_url, [row(1, namespace=namespace, run_type=RunType.CATCH_UP)])
    assert len(listed(reader, run_type=1)["run_list"]) == 1
    assert listed(reader, run_type=2)["run_list"] == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"limit": 1001}, "limit"),
        ({"status": 4}, "status"),
        ({"reason": "Nonsense"}, "reason"),
        ({"texts": 1}, "texts"),
        ({"text": "x" * 257}, "text"),
        ({"code": 2**31}, "code"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxLCIwIl0="}, "cursor"),
        ({"begin": "yesterday"}, "begin"),
        ({"execution_id": "NONE"}, "execution_id"),
        ({"redriven": "yes"}, "redriven: expected true or false"),
    ],
)
def test_what_cannot_be_used_is_named(reader: Facade, options: Json, complaint: str) -> None:
    envelope = reader.post("list_runs", options)
    assert envelope["state"] == 1
    assert envelope["msg"].startswith(complaint)


def test_without_a_history_that_is_what_is_said(facade: Facade) -> None:
    envelope = facade.post("list_runs", {})
    assert envelope["state"] == 1
    assert "no history is kept here" in envelope["msg"]


def test_before_the_operator_has_made_it_the_facade_makes_none(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    path = tmp_path / "runs.db"
    settings = {"CRONTASK_API_HISTORY_URL": f"sqlite:///{path}"}
    with (
        run_facade(control_plane, "default", settings=settings) as program,
        Facade(program.url, "default") as client,
    ):
        envelope = client.post("list_runs", {})
        assert envelope["state"] == -1
        assert "history" in envelope["msg"]
        assert not path.exists()


def test_only_who_may_read_tasks_may_read_their_runs(
    control_plane: ControlPlane, kube: httpx.Client, history_url: str, namespace: str
) -> None:
    create_reader(kube, namespace, "reader")
    keep(history_url, [row(1, namespace=namespace), row(2, namespace="other")])
    settings = {
        "CRONTASK_API_AUTH": "kubernetes",
        "CRONTASK_API_ALLOWED_NAMESPACES": "*",
        "CRONTASK_API_HISTORY_URL": history_url,
    }
    token = control_plane.kubectl("create", "token", "reader", "--namespace", namespace).strip()
    with run_facade(control_plane, "default", settings=settings) as program:
        headers = {"Authorization": f"Bearer {token}"}
        with Facade(program.url, namespace, **headers) as client:
            assert len(listed(client)["run_list"]) == 1
        with Facade(program.url, "other", **headers) as client:
            refused = client.http.post("/crontab/list_runs", json={})
            assert refused.status_code == 403
        with Facade(program.url, namespace) as client:
            assert client.http.post("/crontab/list_runs", json={}).status_code == 401

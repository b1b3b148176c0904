"""update_task: by id before name, the given fields alone, whoever made the task."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.facade.client import Facade, item
from tests.facade.objects import Objects


def test_only_the_given_fields_change(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one(resp_regexp="ok", body="x", redo_param="1 2")
    before = objects.get(own_id)["spec"]

    (result,) = facade.results("update_task", {"task_id": own_id, "module": 7})

    assert result == {"task_id": own_id, "name": "定时改价", "err": "", "code": 0}
    after = objects.get(own_id)
    assert after["spec"] == before | {"module": 7}
    assert after["metadata"]["labels"]["crontask.dev/module"] == "7"


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"enable": 2}, {"enable": 2}),
    ({"type": 3}, {"type": 3}),
    ({"start_time": "@daily"}, {"start_time": "@daily"}),
    ({"start_time": "0 0 * * *"}, {"start_time": "0 0 * * * *"}),
    ({"type": 1}, {"type": 1}),
    ({"time_zone": "Asia/Tokyo"}, {"time_zone": "Asia/Tokyo"}),
    (
        {"start_time": "TZ=Asia/Tokyo @daily"},
        {"start_time": "@daily", "time_zone": "Asia/Tokyo"},
    ),
    ({"type": 1, "start_time": 1893456000}, {"type": 1, "start_time": 1893456000}),
    ({"url": "https://x/y"}, {"url": "https://x/y"}),
    ({"method": "GET"}, {"method": "get"}),
    ({"method": "rpc", "url": "x:1/h.f"}, {"method": "rpc", "url": "x:1/h.f"}),
    ({"resp_regexp": "^a$"}, {"resp_regexp": "^a$"}),
    ({"resp_regexp": ""}, {"resp_regexp": ""}),
    ({"resp_regexp": "*"}, {"resp_regexp": ""}),
    ({"body": "new"}, {"body": "new"}),
    ({"body": ""}, {"body": ""}),
    ({"body_type": 1}, {"body_type": 1}),
    ({"body_type": ""}, {"body_type": 1}),
    ({"redo_param": "0"}, {"redo_param": "0"}),
    ({"redo_param": ""}, {"redo_param": ""}),
    ({"module": None, "enable": None}, {}),
]


@pytest.mark.parametrize(("given", "changed"), CHANGES, ids=[str(given) for given, _ in CHANGES])
def test_each_field(facade: Facade, given: dict[str, Any], changed: dict[str, Any]) -> None:
    form = {} if given.get("method") == "rpc" else {"body_type": 2}
    facade.add_one(resp_regexp="ok", body="x", redo_param="1 2", **form)
    before = facade.get_one(name="定时改价")

    (result,) = facade.results("update_task", {"name": "定时改价", **given})

    assert result["err"] == ""
    assert facade.get_one(name="定时改价") == before | changed


def test_the_id_goes_before_the_name(facade: Facade) -> None:
    first, second = facade.add_one(name="first"), facade.add_one(name="second")

    (result,) = facade.results("update_task", {"task_id": first, "name": "second", "module": 9})

    assert (result["task_id"], result["name"]) == (first, "first")
    assert facade.get_one(task_id=first)["module"] == 9
    assert facade.get_one(task_id=second)["module"] == 2


@pytest.mark.parametrize("no_id", ["", 0, "0", None, 1, "gone", "../x", "A B"])
def test_an_id_that_leads_nowhere_gives_way_to_the_name(facade: Facade, no_id: Any) -> None:
    own_id = facade.add_one()

    (result,) = facade.results("update_task", {"task_id": no_id, "name": "定时改价", "module": 9})

    assert (result["task_id"], result["err"]) == (own_id, "")
    assert facade.get_one(task_id=own_id)["module"] == 9


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ({}, "one of them is required"),
        ({"task_id": ""}, "one of them is required"),
        ({"task_id": 5}, "no task with task_id '5'"),
        ({"name": "none"}, "no task with name 'none'"),
        ({"task_id": 5, "name": "none"}, "task_id '5' or name 'none'"),
    ],
    ids=str,
)
def test_nothing_is_done_where_neither_leads_to_a_task(
    facade: Facade, objects: Objects, reference: dict[str, Any], words: str
) -> None:
    own_id = facade.add_one()
    before = objects.get(own_id)

    (result,) = facade.results("update_task", {**reference, "module": 9})

    assert result["code"] == 5
    assert words in result["err"]
    assert objects.get(own_id) == before


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"enable": 3}, 1, "expected 1 or 2"),
        ({"type": 9}, 2, "type"),
        ({"start_time": "61 * * * * *"}, 3, "field 1"),
        ({"start_time": 1893456000}, 3, "type 1"),
        ({"start_time": 1893456000123, "type": 1}, 3, "milliseconds"),
        ({"method": "rpc"}, 4, "addr:port/handler.function"),
        ({"url": "x:1/h.f"}, 4, "http://"),
        ({"url": ""}, 4, "http://"),
        ({"url": "http:// x/"}, 4, "spec.callback.http.url"),
        ({"method": "put"}, 4, "post, get or rpc"),
        ({"resp_regexp": "["}, 1, "RE2"),
        ({"redo_param": "x"}, 1, "redo_param"),
        ({"body": 5}, 1, "expected a string"),
    ],
    ids=str,
)
def test_a_wrong_value_changes_nothing(
    facade: Facade, objects: Objects, given: dict[str, Any], code: int, words: str
) -> None:
    own_id = facade.add_one()
    before = objects.get(own_id)

    (result,) = facade.results("update_task", {"task_id": own_id, "module": 9, **given})

    assert result["code"] == code
    assert words in result["err"]
    assert objects.get(own_id) == before


def test_a_task_that_runs_once_needs_a_cron_expression_to_run_again(facade: Facade) -> None:
    own_id = facade.add_one(type=1, start_time=1893456000)

    (refused, accepted) = facade.results(
        "update_task",
        {"task_id": own_id, "type": 3},
        {"task_id": own_id, "type": 3, "start_time": "@hourly"},
    )

    assert (refused["code"], "2030-01-01" in refused["err"]) == (2, True)
    assert accepted["err"] == ""
    assert facade.get_one(task_id=own_id)["start_time"] == "@hourly"


def test_updates_of_one_task_in_a_batch_apply_in_order(facade: Facade) -> None:
    own_id = facade.add_one()
    references: list[dict[str, Any]] = [
        {"task_id": own_id},
        {"name": "定时改价"},
        {"task_id": int(own_id)},
    ]

    results = facade.results(
        "update_task",
        *({**references[module % 3], "module": module} for module in range(1, 13)),
    )

    assert {result["err"] for result in results} == {""}
    assert facade.get_one(task_id=own_id)["module"] == 12


def test_clients_that_change_different_fields_do_not_undo_each_other(facade: Facade) -> None:
    own_id = facade.add_one(name="shared")
    changes: list[dict[str, Any]] = [
        {"enable": 2},
        {"module": 9},
        {"start_time": "@daily"},
        {"url": "http://x/changed"},
        {"method": "get"},
        {"resp_regexp": "ok"},
        {"body": "changed"},
        {"redo_param": "7"},
    ]

    with ThreadPoolExecutor(len(changes)) as clients:
        results = list(
            clients.map(lambda c: facade.results("update_task", {"task_id": own_id, **c}), changes)
        )

    assert [result[0]["err"] for result in results] == [""] * len(changes)
    task = facade.get_one(task_id=own_id)
    for change in changes:
        assert task | change == task


def test_the_operators_writes_are_no_conflict(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()
    modules = range(3, 13)

    with ThreadPoolExecutor(1) as operator:
        writes = operator.map(
            lambda n: objects.set_status(own_id, consecutiveFailures=n), range(50)
        )
        for module in modules:
            (result,) = facade.results("update_task", {"task_id": own_id, "module": module})
            assert result["err"] == ""
        assert len(list(writes)) == 50

    assert facade.get_one(task_id=own_id)["module"] == modules[-1]


@pytest.mark.parametrize("toggle", ["pause_task", "resume_task"])
def test_pause_and_resume(facade: Facade, toggle: str) -> None:
    expected = 2 if toggle == "pause_task" else 1
    facade.add_one(enable=3 - expected)
    before = facade.get_one(name="定时改价")

    found, missing = facade.results(toggle, {"name": "定时改价"}, {"task_id": 1})

    assert (found["err"], missing["code"]) == ("", 5)
    assert facade.get_one(name="定时改价") == before | {"enable": expected}


def test_an_item_that_is_no_object_is_refused_alone(facade: Facade) -> None:
    facade.add(item())

    results = facade.results("update_task", 5, {"name": "定时改价", "module": 3}, "x", [], None)

    assert [result["code"] for result in results] == [1, 0, 1, 1, 1]
    assert results[0]["err"] == "expected an object, found 5"

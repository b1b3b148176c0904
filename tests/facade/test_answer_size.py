"""Few bytes of a request do not become hundreds of megabytes of an answer."""

import json

from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import Options
from crontask_api.service.answer_room import MOST_BYTES
from crontask_api.web.body import parse_batch
from crontask_api.web.envelope import MAX_WARNINGS
from tests.facade.client import Facade, item

UNKNOWN = 380_000
BODY = "x" * 262_000
FIT = MOST_BYTES // len(BODY)
NAMES = [f"large-{number:02}" for number in range(FIT + 2)]


def _add_large_tasks(facade: Facade) -> None:
    for name in NAMES:
        (result,) = facade.add(item(name=name, body=BODY, body_type=2))
        assert result["err"] == ""


def test_a_task_that_is_asked_for_often_is_returned_once(facade: Facade) -> None:
    facade.add(item(name="often", body=BODY, body_type=2))

    data = facade.data("get_task", *[{"name": "often"}] * 100)

    assert len(data["task_list"]) == 1
    assert [result["err"] for result in data["task_result"]] == [""] * 100


def test_an_answer_holds_what_fits_and_says_what_does_not(facade: Facade) -> None:
    _add_large_tasks(facade)

    data = facade.data("get_task", *[{"name": name} for name in NAMES])
    first = facade.http.post("/crontab/list_task", json={"limit": 500}).json()["data"]
    cursor = first["next_cursor"]
    rest = facade.http.post("/crontab/list_task", json={"limit": 500, "cursor": cursor}).json()

    assert len(data["task_list"]) < len(NAMES)
    refused = [result["err"] for result in data["task_result"] if result["err"]]
    assert len(refused) == len(NAMES) - len(data["task_list"])
    assert refused[0].startswith(f"the answer would hold more than {MOST_BYTES} bytes")
    listed = [*first["task_list"], *rest["data"]["task_list"]]
    assert sorted(task["name"] for task in listed) == NAMES
    assert len(first["task_list"]) < len(NAMES)


def test_fields_that_nobody_knows_are_counted_and_not_all_told() -> None:
    fields = {f"f{number}": 1 for number in range(UNKNOWN)}
    body = json.dumps({**fields, "task_list": [{"name": "x", **fields}]}).encode()

    batch = parse_batch(body, Options, TaskRef, most=1)

    assert len(batch.warnings) == 2 * (MAX_WARNINGS + 1)
    assert (
        batch.warnings[-1] == f"task_list[0]: {UNKNOWN - MAX_WARNINGS} more unknown fields ignored"
    )

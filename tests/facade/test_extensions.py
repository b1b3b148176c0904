"""What the facade offers beyond the document: reading, deleting, trying out."""

from typing import Any

import pytest

from tests.facade.client import Facade, Json, item
from tests.facade.objects import Objects


def test_get_task_shows_what_was_added_and_what_came_of_it(
    facade: Facade, objects: Objects, namespace: str
) -> None:
    own_id = facade.add_one(redo_param="2  4", resp_regexp="ok")
    objects.set_status(
        own_id,
        phase="Active",
        nextRunTime="2026-03-02T02:30:00Z",
        consecutiveFailures=2,
        lastRun={
            "executionId": "a",
            "status": "Failed",
            "runType": "Retry",
            "time": "2026-03-01T02:30:09Z",
        },
    )

    task = facade.get_one(task_id=own_id)

    assert task.pop("created_time").endswith("Z")
    assert task == {
        **item(body="", body_type=1, redo_param="2 4", resp_regexp="ok"),
        "task_id": own_id,
        "namespace": namespace,
        "time_zone": "UTC",
        "phase": "Active",
        "message": "",
        "next_run_time": "2026-03-02T02:30:00Z",
        "last_run_time": "2026-03-01T02:30:09Z",
        "last_status": 3,
        "consecutive_failures": 2,
    }


def test_get_task_tells_why_a_task_is_invalid(facade: Facade, objects: Objects) -> None:
    objects.create("broken")
    objects.set_status(
        "broken",
        phase="Invalid",
        conditions=[
            {
                "type": "Accepted",
                "status": "False",
                "reason": "InvalidSchedule",
                "message": "spec.schedule: no such hour",
                "lastTransitionTime": "2026-03-01T00:00:00Z",
            }
        ],
    )

    task = facade.get_one(task_id="broken")

    assert (task["phase"], task["message"]) == ("Invalid", "spec.schedule: no such hour")


def test_get_task_answers_each_item_in_order(facade: Facade) -> None:
    facade.add(item(name="a"), item(name="b"))

    data = facade.data("get_task", {"name": "b"}, {"name": "none"}, {"name": "a"})

    assert [result["code"] for result in data["task_result"]] == [0, 5, 0]
    assert [task["name"] for task in data["task_list"]] == ["b", "a"]


def test_a_moment_reads_back_as_a_timestamp(facade: Facade, objects: Objects) -> None:
    objects.create("whole", schedule=None, at="2030-01-01T08:00:00+08:00")
    objects.create("parts", schedule=None, at="2030-01-01T00:00:00.25Z")

    whole, parts = facade.data("get_task", {"task_id": "whole"}, {"task_id": "parts"})["task_list"]

    assert (whole["start_time"], whole["type"]) == (1893456000, 1)
    assert (parts["start_time"], parts["type"]) == (1893456000.25, 1)


def test_delete_task(facade: Facade, objects: Objects) -> None:
    facade.add(item(name="a"), item(name="b"), item(name="c"))
    b = facade.get_one(name="b")["task_id"]

    results = facade.results(
        "delete_task", {"name": "a"}, {"task_id": b}, {"name": "b"}, {"name": "none"}
    )

    assert [result["code"] for result in results] == [0, 0, 5, 5]
    assert [facade.get_one(name="c")["task_id"]] == objects.names()


@pytest.fixture
def several(facade: Facade, objects: Objects) -> Facade:
    """A facade with eight tasks: seven of its own, and one of kubectl's."""
    facade.add(
        *(
            item(name=f"price {number}", module=number % 3, enable=1 + number % 2)
            for number in range(6)
        ),
        item(name="Stock", method="rpc", url="stock:1/H.Sync", type=1, start_time=1893456000),
    )
    objects.create("by-kubectl", module=1)
    return facade


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["Stock", "by-kubectl", *(f"price {number}" for number in range(6))]),
        ({"module": 1}, ["by-kubectl", "price 1", "price 4"]),
        ({"module": 1, "enable": 2}, ["price 1"]),
        ({"enable": 2}, ["price 1", "price 3", "price 5"]),
        ({"type": 1}, ["Stock"]),
        ({"type": 4, "module": 0}, ["price 0", "price 3"]),
        ({"text": "PRICE"}, [f"price {number}" for number in range(6)]),
        ({"text": "h.sync"}, ["Stock"]),
        ({"text": "/KUBECTL"}, ["by-kubectl"]),
        ({"text": ""}, ["Stock", "by-kubectl", *(f"price {number}" for number in range(6))]),
        ({"module": 9}, []),
    ],
    ids=str,
)
def test_list_task_filters(several: Facade, filters: Json, names: list[str]) -> None:
    data = several.post("list_task", filters)["data"]

    assert sorted(task["name"] for task in data["task_list"]) == names
    assert data["next_cursor"] == ""


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_list_task_pages_join_to_the_whole(several: Facade, limit: int) -> None:
    whole = several.post("list_task", {})["data"]["task_list"]

    pages: list[list[Json]] = []
    cursor = ""
    while not pages or cursor:
        data = several.post("list_task", {"limit": limit, "cursor": cursor})["data"]
        pages.append(data["task_list"])
        cursor = data["next_cursor"]

    assert [task for page in pages for task in page] == whole
    assert all(len(page) == limit for page in pages[:-1])


def test_list_task_goes_over_the_pages_of_the_api_server(facade: Facade) -> None:
    names = [f"task {number:03}" for number in range(230)]
    facade.add(*(item(name=name) for name in names))

    seen: list[str] = []
    cursor = ""
    while not seen or cursor:
        data = facade.post("list_task", {"limit": 90, "text": "task", "cursor": cursor})["data"]
        seen += [task["name"] for task in data["task_list"]]
        cursor = data["next_cursor"]

    assert sorted(seen) == names
    (last,) = facade.post("list_task", {"limit": 1, "text": "task 229"})["data"]["task_list"]
    assert last["name"] == "task 229"


@pytest.mark.parametrize("cursor", ["x", "WyJub25zZW5zZSIsIiJd", "W10=", "bnVsbA=="])
def test_list_task_refuses_a_cursor_of_other_making(facade: Facade, cursor: str) -> None:
    answer = facade.post("list_task", {"cursor": cursor})

    assert answer["state"] == 1
    assert answer["msg"].startswith("cursor: ")


def test_list_task_needs_no_body(facade: Facade) -> None:
    assert facade.http.post("/crontab/list_task").json()["state"] == 0


AFTER = "2026-03-28T00:00:00Z"


@pytest.mark.parametrize(
    ("asked", "times"),
    [
        (
            {"start_time": "0 30 2 * *", "after": AFTER, "count": 2},
            ["2026-03-28T02:30:00+00:00", "2026-03-29T02:30:00+00:00"],
        ),
        (
            {
                "start_time": "0 30 2 * * *",
                "after": AFTER,
                "count": 2,
                "time_zone": "Europe/Berlin",
            },
            # On the 29th clocks go from 2:00 to 3:00.
            ["2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"],
        ),
        (
            {"start_time": "@every 90s", "after": 1774656000, "count": 1},
            ["2026-03-28T00:01:30+00:00"],
        ),
        ({"start_time": 1893456000}, ["2030-01-01T00:00:00Z"]),
    ],
    ids=str,
)
def test_preview(facade: Facade, asked: Json, times: list[str]) -> None:
    answer = facade.post("preview", asked)

    assert (answer["state"], answer["data"]) == (0, {"times": times})


def test_preview_defaults_to_five_times_from_now(facade: Facade) -> None:
    times = facade.post("preview", {"start_time": "@daily"})["data"]["times"]

    assert len(times) == 5
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "start_time: required"),
        ({"start_time": "61 * * * * *"}, "start_time: field 1"),
        ({"start_time": "0 0 0 31 4 *"}, "never fires"),
        ({"start_time": 1893456000123}, "milliseconds"),
        ({"start_time": "@daily", "time_zone": "Mars/Base"}, "time_zone: found 'Mars/Base'"),
        ({"start_time": "@daily", "count": 101}, "count: "),
        ({"start_time": "@daily", "after": "soon"}, "after: "),
    ],
    ids=str,
)
def test_preview_of_what_cannot_be(facade: Facade, asked: dict[str, Any], words: str) -> None:
    answer = facade.post("preview", asked)

    assert answer["state"] == 1
    assert words in answer["msg"]

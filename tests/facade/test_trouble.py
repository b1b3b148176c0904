"""When the API server is slow, away, overloaded, or loses an answer on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, connect, item
from tests.facade.interposer import Fault, Interposer
from tests.facade.objects import Objects
from tests.support.programs import run_facade

MOST = 3
IMPATIENT = {
    "CRONTASK_API_MAX_REQUESTS": str(MOST),
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_KUBERNETES_TIMEOUT_SECONDS": "0.5",
    "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "1.5",
}


@pytest.fixture(scope="module")
def url(
    control_plane: ControlPlane, between: Interposer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A facade behind the interposer, with short timeouts."""
    kubeconfig = between.write_kubeconfig(tmp_path_factory.mktemp("interposed") / "kubeconfig")
    with run_facade(control_plane, "default", kubeconfig=kubeconfig, settings=IMPATIENT) as program:
        yield program.url


@pytest.fixture
def troubled(url: str, between: Interposer, namespace: str) -> Iterator[Facade]:
    """A client of that facade."""
    between.clear()
    with Facade(url, namespace) as client:
        yield client


def test_an_answer_that_gets_lost_makes_no_false_duplicate(
    troubled: Facade, between: Interposer, objects: Objects
) -> None:
    fault = between.expect(Fault("POST", cut=True))

    (result,) = troubled.add(item())

    assert (fault.seen, result["err"]) == (1, "")
    assert objects.names() == [result["task_id"]]


def test_a_lost_answer_does_not_hide_a_name_that_was_taken(
    troubled: Facade, between: Interposer
) -> None:
    troubled.add_one(module=1)
    between.expect(Fault("POST", cut=True))

    (result,) = troubled.add(item(module=2))

    assert result["code"] == 6


@pytest.mark.parametrize(
    ("endpoint", "method"),
    [("update_task", "PATCH"), ("run_again_task", "PATCH"), ("delete_task", "DELETE")],
)
@pytest.mark.parametrize(
    "fault", [{"cut": True}, {"answer": (503, b"")}], ids=["lost", "turned away"]
)
def test_other_changes_survive_a_lost_answer(
    troubled: Facade, between: Interposer, endpoint: str, method: str, fault: dict[str, Any]
) -> None:
    own_id = troubled.add_one()
    between.expect(Fault(method, **fault))

    reference = {"task_id": own_id, **({"module": 9} if endpoint == "update_task" else {})}
    (result,) = troubled.results(endpoint, reference)

    assert result["err"] == ""


def test_an_answer_that_is_none_of_kubernetes_is_a_system_error(
    troubled: Facade, between: Interposer
) -> None:
    between.expect(Fault("GET", answer=(200, b"<html>")))

    answer = troubled.post("query_task_status", {"task_list": [{"task_id": "x"}]})

    assert answer["state"] == -1
    assert "cannot be read" in answer["msg"]


@pytest.mark.parametrize(
    ("status", "headers", "times"),
    [(429, {"Retry-After": "0"}, 2), (503, {}, 1), (500, {}, 1), (502, {}, 1)],
)
def test_what_is_turned_away_is_tried_again(
    troubled: Facade, between: Interposer, status: int, headers: dict[str, str], times: int
) -> None:
    own_id = troubled.add_one()
    fault = between.expect(
        Fault("GET", times=times, answer=(status, b"<html>busy</html>"), headers=headers)
    )

    (result,) = troubled.results("query_task_status", {"task_id": own_id})

    assert (fault.seen, result["err"]) == (times, "")


def test_a_task_is_added_though_the_api_server_is_overloaded(
    troubled: Facade, between: Interposer
) -> None:
    between.expect(Fault("POST", times=2, answer=(429, b"{}")))

    (result,) = troubled.add(item())

    assert result["err"] == ""


def test_one_slow_item_does_not_spoil_the_others(troubled: Facade, between: Interposer) -> None:
    between.expect(Fault("POST", text='"slow"', times=9, hang=True))

    answer = troubled.post(
        "add_task", {"task_list": [item(name="a"), item(name="slow"), item(name="b")]}
    )

    assert answer["state"] == 0
    a, slow, b = answer["data"]["task_result"]
    assert (a["err"], b["err"]) == ("", "")
    assert slow["code"] == -1
    assert "it may have been done or not" in slow["err"]


def test_nothing_done_in_time_is_a_system_error(troubled: Facade, between: Interposer) -> None:
    between.expect(Fault("POST", times=999, hang=True))

    answer = troubled.post("add_task", {"task_list": [item(name=f"{n}") for n in range(40)]})

    assert answer["state"] == -1
    results = answer["data"]["task_result"]
    assert {result["code"] for result in results} == {-1}
    # A busy machine may not even be connected within the time-out.
    told = ("may have been done", "was not done")
    begun = [any(text in result["err"] for text in told) for result in results]
    not_begun = ["was not begun" in result["err"] for result in results]
    assert begun == [not each for each in not_begun]
    assert (begun[0], not_begun[-1]) == (True, True)


def test_the_task_changes_between_reading_and_writing(
    troubled: Facade, between: Interposer, objects: Objects
) -> None:
    own_id = troubled.add_one()
    fault = between.expect(
        Fault("PATCH", before=lambda: objects.merge(own_id, {"spec": {"historyLimit": 3}}))
    )

    (result,) = troubled.results("update_task", {"task_id": own_id, "module": 9})

    assert (fault.seen, result["err"]) == (1, "")
    spec = objects.get(own_id)["spec"]
    assert (spec["module"], spec["historyLimit"]) == (9, 3)


def test_the_task_is_replaced_between_reading_and_writing(
    troubled: Facade, between: Interposer, objects: Objects
) -> None:
    own_id = troubled.add_one(name="x")

    def replace() -> None:
        objects.delete(own_id)
        objects.create(own_id, taskName="y")

    between.expect(Fault("PATCH", before=replace))

    (result,) = troubled.results("update_task", {"name": "x", "module": 9})

    assert result["code"] == 5
    assert objects.get(own_id)["spec"]["module"] == 0


def test_a_run_is_not_asked_of_another_task_of_that_name(
    troubled: Facade, between: Interposer, objects: Objects
) -> None:
    objects.create("x")

    def replace() -> None:
        objects.delete("x")
        objects.create("x")

    between.expect(Fault("PATCH", before=replace))

    (result,) = troubled.results("run_again_task", {"task_id": "x"})

    assert result["code"] != 0
    assert "annotations" not in objects.get("x")["metadata"]


def test_a_page_of_a_list_that_takes_too_long(troubled: Facade, between: Interposer) -> None:
    between.expect(Fault("GET", times=9, hang=True))

    answer = troubled.post("list_task", {})

    assert answer["state"] == -1
    assert answer["data"] == {}


def test_a_cursor_that_has_expired(troubled: Facade, between: Interposer) -> None:
    troubled.add(*(item(name=f"{number}") for number in range(120)))
    cursor = troubled.post("list_task", {"limit": 110})["data"]["next_cursor"]
    between.expect(
        Fault("GET", times=9, answer=(410, b'{"message": "the continue parameter is too old"}'))
    )

    answer = troubled.post("list_task", {"limit": 110, "cursor": cursor})

    assert answer["state"] == 1
    assert answer["msg"] == "cursor: begin again without it, as the continue parameter is too old"


def test_a_body_that_does_not_come_is_not_waited_for(url: str) -> None:
    head = b"POST /crontab/add_task HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    waiting = [connect(url) for _ in range(MOST + 1)]
    answers = []
    for connection in waiting:
        connection.sendall(head)
    for connection in waiting:
        answers.append(connection.recv(12))
        connection.close()

    assert sorted(answers) == [b"HTTP/1.1 408"] * MOST + [b"HTTP/1.1 503"]

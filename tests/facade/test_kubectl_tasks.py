"""Tasks made with kubectl: found by id and by name, and changed without loss."""

from tests.facade.client import Facade
from tests.facade.objects import Objects


def test_a_task_of_kubectls_is_found_by_id_and_by_name(facade: Facade, objects: Objects) -> None:
    objects.create("nightly-report", taskName="每晚报表")
    objects.create("plain")

    results = facade.results(
        "update_task",
        {"task_id": "nightly-report", "enable": 2},
        {"name": "每晚报表", "module": 5},
        {"name": "plain", "module": 6},
    )

    assert [(result["task_id"], result["name"], result["err"]) for result in results] == [
        ("nightly-report", "每晚报表", ""),
        ("nightly-report", "每晚报表", ""),
        ("plain", "plain", ""),
    ]
    changed = objects.get("nightly-report")
    assert (changed["spec"]["suspend"], changed["spec"]["module"]) == (True, 5)
    assert changed["metadata"]["labels"] == {"crontask.dev/module": "5"}


def test_a_name_that_several_tasks_bear_needs_an_id(facade: Facade, objects: Objects) -> None:
    objects.create("a", taskName="twin")
    objects.create("b", taskName="twin")

    by_name, by_id = facade.results(
        "update_task", {"name": "twin", "module": 5}, {"task_id": "b", "module": 6}
    )

    assert by_name["code"] == 5
    assert "a, b" in by_name["err"]
    assert by_id["err"] == ""


def test_what_the_document_does_not_know_stays(facade: Facade, objects: Objects) -> None:
    objects.create(
        "rich",
        schedule="*/10 * * * *",
        timeZone="Asia/Shanghai",
        concurrencyPolicy="Forbid",
        expect={"statusCodes": ["200"], "bodyRegex": "old"},
        retry={"backoff": {"attempts": 2}, "retryOn": ["Timeout"], "maxTotalSeconds": 60},
        callback={
            "http": {
                "url": "https://x/old",
                "method": "PUT",
                "headers": [{"name": "X-Key", "secretKeyRef": {"name": "s", "key": "k"}}],
                "tls": {"insecureSkipVerify": True},
            }
        },
    )
    before = objects.get("rich")["spec"]

    (result,) = facade.results("update_task", {"task_id": "rich", "url": "https://x/new"})

    assert result["err"] == ""
    after = objects.get("rich")["spec"]
    before["callback"]["http"]["url"] = "https://x/new"
    assert after == before


def test_a_list_of_delays_takes_the_place_of_a_backoff(facade: Facade, objects: Objects) -> None:
    objects.create("b", retry={"backoff": {"attempts": 2}, "retryOn": ["Timeout"]})

    facade.results("update_task", {"task_id": "b", "redo_param": "1 2"})

    assert objects.get("b")["spec"]["retry"] == {"delaysSeconds": [1, 2], "retryOn": ["Timeout"]}


def test_kubectls_five_fields_read_with_the_second_first(facade: Facade, objects: Objects) -> None:
    objects.create("five", schedule="*/10 2 * * MON")

    task = facade.get_one(task_id="five")
    facade.results("update_task", {"task_id": "five", "start_time": task["start_time"]})

    assert task["start_time"] == "0 */10 2 * * MON"
    assert objects.get("five")["spec"]["schedule"] == "0 */10 2 * * MON"

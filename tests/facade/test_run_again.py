"""run_again_task: asks for a run and answers at once, with the id that the run will have."""

from crontask_core.identity import manual_execution_id
from tests.facade.client import Facade
from tests.facade.objects import Objects

ANNOTATION = "crontask.dev/run-requested-at"


def test_a_run_is_asked_for_with_the_id_it_will_have(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one()

    (result,) = facade.results("run_again_task", {"task_id": int(own_id)})

    task = objects.get(own_id)["metadata"]
    request = task["annotations"][ANNOTATION]
    assert result == {
        "task_id": own_id,
        "name": "定时改价",
        "err": "",
        "code": 0,
        "execution_id": manual_execution_id(task["uid"], request),
    }


def test_each_request_is_a_run_of_its_own(facade: Facade) -> None:
    facade.add_one()

    results = facade.results("run_again_task", *[{"name": "定时改价"}] * 20)

    assert len({result["execution_id"] for result in results}) == 20


def test_a_disabled_task_can_be_run(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one(enable=2)

    (result,) = facade.results("run_again_task", {"name": "定时改价"})

    assert result["err"] == ""
    task = objects.get(own_id)
    assert task["spec"]["suspend"] is True
    assert ANNOTATION in task["metadata"]["annotations"]


def test_a_task_of_kubectls_can_be_run(facade: Facade, objects: Objects) -> None:
    objects.create("nightly", taskName="每晚")

    by_id, by_name, missing = facade.results(
        "run_again_task", {"task_id": "nightly"}, {"name": "每晚"}, {"name": "none"}
    )

    assert by_id["task_id"] == by_name["task_id"] == "nightly"
    assert by_id["execution_id"] != by_name["execution_id"]
    assert missing["code"] == 5
    assert "execution_id" not in missing

"""add_task: a name is one task's, whoever asks for it and how often."""

from concurrent.futures import ThreadPoolExecutor

from crontask_core.identity import task_id
from tests.facade.client import Facade, item
from tests.facade.objects import Objects


def test_a_taken_name_is_refused_and_the_task_stays(facade: Facade) -> None:
    own_id = facade.add_one(module=1)

    (result,) = facade.add(item(module=9))

    assert result["code"] == 6
    assert own_id in result["err"]
    assert facade.get_one(task_id=own_id)["module"] == 1


def test_of_duplicates_in_a_batch_the_first_wins(facade: Facade) -> None:
    results = facade.add(item(module=1), item(module=2), item(name="other"), item(module=3))

    assert [result["code"] for result in results] == [0, 6, 0, 6]
    assert facade.get_one(name="定时改价")["module"] == 1


def test_of_duplicates_in_a_batch_the_first_right_one_wins(facade: Facade) -> None:
    results = facade.add(item(module=1, type=9), item(module=2), item(module=3))

    assert [result["code"] for result in results] == [2, 0, 6]
    assert facade.get_one(name="定时改价")["module"] == 2


def test_one_of_many_clients_wins_a_name(facade: Facade) -> None:
    with ThreadPoolExecutor(8) as clients:
        results = list(clients.map(lambda module: facade.add(item(module=module))[0], range(8)))

    assert sorted(result["code"] for result in results) == [0, 6, 6, 6, 6, 6, 6, 6]
    winner = next(module for module, result in enumerate(results) if result["code"] == 0)
    assert facade.get_one(name="定时改价")["module"] == winner


def test_a_name_is_free_again_when_its_task_is_gone(facade: Facade) -> None:
    own_id = facade.add_one()
    assert facade.results("delete_task", {"task_id": own_id})[0]["err"] == ""

    assert facade.add_one() == own_id


def test_a_hash_collision_is_told_from_a_taken_name(facade: Facade, objects: Objects) -> None:
    objects.create(str(task_id("定时改价")), taskName="another name")

    (result,) = facade.add(item())

    assert result["code"] == 6
    assert "same hash" in result["err"]
    assert "another name" in result["err"]

"""Namespaces: by field or header, where the settings allow them."""

import httpx
import pytest

from crontask_api.errors import RequestError
from crontask_api.settings import Settings
from crontask_api.web.namespaces import choose_namespace
from tests.facade.client import Facade, item
from tests.facade.objects import Objects

HEADER = "X-CronTask-Namespace"


def test_field_and_header_say_the_same(facade: Facade, namespace: str, objects: Objects) -> None:
    without = httpx.Client(base_url=facade.http.base_url, trust_env=False)
    with without:
        answer = without.post(
            "/crontab/add_task", json={"namespace": namespace, "task_list": [item()]}
        ).json()

    assert answer["data"]["task_result"][0]["err"] == ""
    assert len(objects.names()) == 1


def test_field_and_header_that_differ_are_refused(facade: Facade) -> None:
    answer = facade.post("list_task", {"namespace": "another"})

    assert answer["state"] == 1
    assert "the header X-CronTask-Namespace says" in answer["msg"]


@pytest.mark.parametrize("name", ["A", "a/b", "-a", "a" * 64, "..", "a.b"])
def test_what_can_be_no_namespace_is_refused(facade: Facade, name: str) -> None:
    answer = facade.post("list_task", {}, **{HEADER: name})

    assert answer["state"] == 1
    assert "expected a namespace's name" in answer["msg"]


def test_a_namespace_that_does_not_exist_is_a_system_error(facade: Facade) -> None:
    answer = facade.post("add_task", {"task_list": [item()]}, **{HEADER: "nowhere"})

    assert answer["state"] == -1
    assert 'namespaces "nowhere" not found' in answer["msg"]


def test_a_task_lives_in_one_namespace(facade: Facade) -> None:
    facade.add_one()

    other = facade.post("get_task", {"task_list": [{"name": "定时改价"}]}, **{HEADER: "default"})

    assert other["data"]["task_result"][0]["code"] == 5


@pytest.mark.parametrize(
    ("header", "field", "chosen"),
    [
        (None, None, "own"),
        (None, "", "own"),
        ("own", None, "own"),
        (None, "further", "further"),
        ("further", "further", "further"),
    ],
)
def test_the_default_and_what_is_allowed_are_served(
    header: str | None, field: str | None, chosen: str
) -> None:
    settings = Settings(namespace="own", allowed_namespaces=("further",))

    assert choose_namespace(settings, header=header, field=field) == chosen


@pytest.mark.parametrize(
    ("name", "status"), [("another", 403), ("own-", 200), ("", 200), ("own ", 200), ("*", 200)]
)
def test_nothing_else_is_served(name: str, status: int) -> None:
    settings = Settings(namespace="own", allowed_namespaces=("further",))

    with pytest.raises(RequestError, match=r"^namespace: ") as refused:
        choose_namespace(settings, header=name, field=None)
    assert refused.value.status == status

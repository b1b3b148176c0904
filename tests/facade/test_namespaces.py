"""Namespaces: by field or header, where the settings allow them."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, item
from tests.facade.objects import Objects
from tests.support.programs import run_facade

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


@pytest.fixture(scope="module")
def narrow(control_plane: ControlPlane) -> Iterator[str]:
    """The URL of a facade that allows one namespace beside its own."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "kube-public, kube-system"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program.url


@pytest.mark.parametrize(
    ("name", "status", "state"),
    [("default", 200, 0), ("kube-public", 200, 0), ("kube-node-lease", 403, 1), ("", 200, 1)],
)
def test_only_allowed_namespaces_are_served(
    narrow: str, name: str, status: int, state: int
) -> None:
    response = httpx.post(
        f"{narrow}/crontab/list_task", json={}, headers={HEADER: name}, trust_env=False
    )

    assert (response.status_code, response.json()["state"]) == (status, state)

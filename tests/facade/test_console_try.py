"""A test call leaves nothing behind, has bounds, and gives nobody a right."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.objects import Objects
from tests.facade.test_console_form import (
    CALLBACK,
    OWNED,
    clerk,
    clerk_console,
    cluster_console,
    filled,
    reader,
)
from tests.facade.test_console_login import CONSOLE
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

__all__ = ["clerk", "clerk_console", "cluster_console", "reader"]

URL = "http://127.0.0.1:1/x"


@pytest.fixture
def lonely(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console for itself, where no operator is."""
    with run_facade(control_plane, "default", settings=CONSOLE) as program:
        yield program


def _try(client: httpx.Client, namespace: str, **texts: str) -> httpx.Response:
    page = client.get(f"/console/new?namespace={namespace}").text
    return client.post("/console/new", data={**filled(page, **texts), "action": "try"})


def test_without_an_operator_it_says_so_and_leaves_nothing(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    answer = _try(clerk, namespace, callback__http__url=URL, timeoutSeconds="1")
    assert answer.status_code == 200
    assert "No operator told of an answer within 6 seconds" in answer.text
    assert objects.names() == []


def test_what_a_facade_that_dies_leaves_is_called_once_and_deleted_by_the_operator(
    lonely: Program, objects: Objects, namespace: str
) -> None:
    def ask() -> None:
        with plain_client(lonely.url) as client:
            try:
                _try(client, namespace, callback__http__url=URL, retry="backoff", schedule="@daily")
            except httpx.TransportError:
                return

    asking = threading.Thread(target=ask)
    asking.start()
    eventually_sync(lambda: len(objects.names()) == 1)
    lonely.child.kill()
    asking.join(30)
    (name,) = objects.names()
    task = objects.get(name)
    spec = task["spec"]
    assert task["metadata"]["labels"]["crontask.dev/test-call"] == "true"
    assert spec["ttlSecondsAfterFinished"] == 60
    assert (spec["type"], spec["suspend"], spec["taskName"]) == (
        "Single",
        False,
        "Test call: New task",
    )
    assert spec.keys().isdisjoint({"schedule", "retry"})
    assert spec["at"] < task["metadata"]["creationTimestamp"]


def test_a_person_has_ten_in_a_row(lonely: Program, namespace: str, objects: Objects) -> None:
    with plain_client(lonely.url) as client:
        for _ in range(10):
            answer = _try(client, namespace, callback__http__url="nonsense")
            assert "expected an absolute URL" in answer.text
        # Another session of the same address is the same person.
        client.cookies.clear()
        answer = _try(client, namespace, callback__http__url=URL)
        assert "Too many test calls. Try again in" in answer.text
    assert objects.names() == []


def test_it_takes_the_right_to_create_tasks(
    reader: httpx.Client, objects: Objects, namespace: str
) -> None:
    answer = _try(reader, namespace, callback__http__url=URL)
    assert f"You may not create tasks in {namespace}." in answer.text
    assert objects.names() == []


def test_it_sends_nothing_that_its_maker_may_not_read(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A", callback=CALLBACK)
    for address in (f"/console/tasks/{namespace}/a/edit", f"/console/new?clone={namespace}/a"):
        data = filled(clerk.get(address).text, callback__http__url=OWNED)
        answer = clerk.post(address.partition("?")[0], data={**data, "action": "try"})
        assert answer.status_code == 200
        assert "Needs the right to get the Secret token" in answer.text
    answer = _try(
        clerk,
        namespace,
        callback__http__url=OWNED,
        callback__http__headers__0__name="X-A",
        callback__http__headers__0__source="secret",
        callback__http__headers__0__secretKeyRef__name="token",
        callback__http__headers__0__secretKeyRef__key="value",
    )
    assert "Needs the right to get the Secret token" in answer.text
    assert objects.names() == ["a"]

"""An API server that answers nobody: it is stopped, and its connections stay open."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, item
from tests.support.programs import run_facade

ITEMS = 100

IMPATIENT = {
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_KUBERNETES_TIMEOUT_SECONDS": "1",
}
"""A time-out far below that of a request, which is 30 s."""


@pytest.fixture(scope="module")
def url(control_plane: ControlPlane) -> Iterator[str]:
    """A facade that waits a second for an answer of the API server."""
    with run_facade(control_plane, "default", settings=IMPATIENT) as program:
        yield program.url


@pytest.fixture
def silenced(control_plane: ControlPlane, url: str, namespace: str) -> Iterator[Facade]:
    """A client of that facade, whose API server is stopped."""
    with Facade(url, namespace) as client:
        _, api_server = control_plane.components
        api_server.pause()
        try:
            yield client
        finally:
            api_server.resume()


@pytest.mark.parametrize(
    "endpoint", ["add_task", "update_task", "query_task_status", "delete_task", "run_again_task"]
)
def test_a_batch_is_answered_when_the_first_items_show_the_silence(
    silenced: Facade, endpoint: str
) -> None:
    items = [
        item(name=f"{number}") if endpoint == "add_task" else {"name": f"{number}", "module": 9}
        for number in range(ITEMS)
    ]
    answer = silenced.post(endpoint, {"task_list": items})
    assert answer["state"] == -1
    results = answer["data"]["task_result"]
    assert [result["code"] for result in results] == [-1] * ITEMS
    errors = [result["err"] for result in results]
    assert all("the API server" in error for error in errors), errors[0]
    # The others would have waited for nothing as well.
    assert sum(error.endswith("it was not begun") for error in errors) >= ITEMS - 24, errors[-1]


def test_a_single_request_says_what_is_away(silenced: Facade) -> None:
    answer = silenced.post("list_task", {})
    assert answer["state"] == -1
    assert "the API server" in answer["msg"]


def test_readiness_is_told_soon(silenced: Facade) -> None:
    answer = silenced.http.get("/readyz")
    assert answer.status_code == 503
    assert "the API server" in answer.json()["msg"]
    assert silenced.http.get("/healthz").status_code == 200

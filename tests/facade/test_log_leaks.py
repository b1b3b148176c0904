"""No token reaches the log or an answer, whatever the API server says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import Facade, connect, item
from tests.facade.interposer import Fault, Interposer
from tests.support.programs import run_facade

SECRET = "hunter2-of-the-shop"  # noqa: S105 - planted
PAGE = f"<html>You sent Authorization: Bearer {SECRET}, and postgres://a:{SECRET}@db/</html>"
ENDPOINTS = ("add_task", "update_task", "query_task_status", "run_again_task", "list_task")


@pytest.fixture(scope="module", params=["json", "console"])
def program(
    request: pytest.FixtureRequest,
    control_plane: ControlPlane,
    between: Interposer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Program]:
    """A facade behind the interposer that asks the API server about every token."""
    settings = {
        "CRONTASK_API_AUTH": "kubernetes",
        "CRONTASK_API_ALLOWED_NAMESPACES": "*",
        "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "3",
        "CRONTASK_API_LOG_FORMAT": request.param,
        "CRONTASK_API_LOG_LEVEL": "debug",
    }
    between.clear()
    kubeconfig = between.write_kubeconfig(tmp_path_factory.mktemp("interposed") / "kubeconfig")
    with run_facade(control_plane, "default", kubeconfig=kubeconfig, settings=settings) as running:
        yield running


@pytest.mark.parametrize("status", [200, 400, 403, 404, 409, 422, 429, 500, 502])
def test_a_page_that_shows_the_request(
    program: Program, between: Interposer, namespace: str, status: int
) -> None:
    body = PAGE.encode()
    # A token of its own for each status, so that no answer is kept from another's.
    with Facade(program.url, namespace, Authorization=f"Bearer {SECRET}-{status}") as facade:
        for endpoint in ENDPOINTS:
            between.expect(Fault("POST", times=99, answer=(status, body)))
            answer = facade.http.post(f"/crontab/{endpoint}", json={"task_list": [item()]})
            assert SECRET not in answer.text
            assert answer.json()["state"] != 0
    assert SECRET not in log_of(program)


def test_what_is_no_http(program: Program) -> None:
    lines = (f"GET /?{SECRET}", SECRET, f"GET / HTTP/1.1\r\n{SECRET}", f"{SECRET} / HTTP/1.1")
    for line in lines:
        sent = f"{line}\r\n\r\n"
        with connect(program.url) as connection:
            connection.sendall(sent.encode())
            assert SECRET.encode() not in connection.recv(1000)
    assert SECRET not in log_of(program)


def test_a_path_with_a_secret_is_refused_without_it(program: Program, namespace: str) -> None:
    with Facade(program.url, namespace) as facade:
        for path in (f"/crontab/x?token={SECRET}", f"/http://a:{SECRET}@db/", f"/x/a:{SECRET}@db"):
            assert SECRET not in facade.http.get(path).text
    assert SECRET not in log_of(program)


def log_of(program: Program) -> str:
    """Return what the program has logged."""
    return Path(program.child.log).read_text()

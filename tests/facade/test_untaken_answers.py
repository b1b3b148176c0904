"""Answers that their clients do not take have bounds: in bytes, in time and by client."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import Facade, Json, connect, item
from tests.support.memory import resident_bytes
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

MIB = 1024 * 1024
BODY = "x" * 262_000
NAMES = [f"large-{number:02}" for number in range(30)]
CLIENTS = 90
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 10)]
SHARE = 16 * MIB
"""Bytes of answers of one client."""


@pytest.fixture
def program(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade that nobody has asked for anything."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
    with run_facade(control_plane, "default", settings=settings) as running:
        yield running


@pytest.fixture
def large(program: Program, namespace: str) -> Iterator[Facade]:
    """A client in whose namespace are tasks of 7.8 MiB."""
    with Facade(program.url, namespace) as client:
        for name in NAMES:
            (result,) = client.add(item(name=name, body=BODY, body_type=2))
            assert result["err"] == ""
        yield client


def _ask(program: Program, address: str, endpoint: str, namespace: str) -> socket.socket:
    """Send a request for all the tasks, and leave the answer where it is."""
    query: Json = {"limit": 500, "task_list": [{"name": name} for name in NAMES]}
    body = json.dumps(query).encode()
    head = (
        f"POST /crontab/{endpoint} HTTP/1.1\r\nHost: localhost\r\n"
        f"X-CronTask-Namespace: {namespace}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = connect(program.url, address)
    # What the system keeps for the client is none of the facade's memory.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(head.encode() + body)
    return connection


def _in_progress(program: Program) -> int:
    text = httpx.get(f"{program.url}/metrics", trust_env=False).text
    (line,) = (each for each in text.splitlines() if each.startswith("crontask_api_requests_in"))
    return int(float(line.split()[1])) - 1


@pytest.mark.parametrize("endpoint", ["get_task", "list_task"])
def test_clients_that_take_nothing_take_little(
    program: Program, large: Facade, namespace: str, endpoint: str
) -> None:
    before = resident_bytes(program.child.pid)
    with ExitStack() as stack:
        asked = [
            stack.enter_context(_ask(program, ADDRESSES[number % 9], endpoint, namespace))
            for number in range(CLIENTS)
        ]
        for connection in asked:
            # The head of an answer: all that can be answered has been.
            connection.settimeout(60)
            assert connection.recv(4).startswith(b"HTTP")
        assert resident_bytes(program.child.pid) - before < 160 * MIB
        # Others are served all the same, and what is not taken is still in progress.
        assert large.results("query_task_status", {"name": "none"})[0]["code"] == 5
        assert _in_progress(program) >= 2
    eventually_sync(lambda: _in_progress(program) == 0)
    assert len(large.data("get_task", *[{"name": name} for name in NAMES])["task_list"]) == 30


def test_a_client_that_takes_nothing_has_its_share_and_no_more(
    program: Program, large: Facade, namespace: str
) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            connection = stack.enter_context(_ask(program, "127.0.0.1", "list_task", namespace))
            assert connection.recv(4) == b"HTTP"
        answer = large.http.post("/crontab/list_task", json={"limit": 500})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert "long answers to you" in answer.json()["msg"]

        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        headers = {"X-CronTask-Namespace": namespace}
        with httpx.Client(transport=transport, trust_env=False, headers=headers) as other:
            url = f"{program.url}/crontab/list_task"
            assert len(other.post(url, json={"limit": 500}).content) > 7 * MIB

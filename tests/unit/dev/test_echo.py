"""The echo target answers as its path says and remembers what it received."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.echo import EchoServer
from dev.processes import Child
from dev.readiness import loopback_client, succeeds, wait_until_ready


@pytest.fixture
def client(echo: EchoServer) -> Iterator[httpx.Client]:
    with loopback_client(echo.url) as client:
        yield client


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        pytest.param("/ok", 200, "ok", id="ok"),
        pytest.param("/any/other/path", 200, "ok", id="any other path"),
        pytest.param("/fail", 500, "failed, as asked", id="fail"),
        pytest.param("/fail-attempts?most=0", 200, "ok", id="an attempt that may succeed"),
        pytest.param("/fail-attempts?most=1", 500, "failed, as asked", id="one that may not"),
        pytest.param("/status/503", 503, "Service Unavailable", id="a status"),
        pytest.param("/big?bytes=5", 200, "xxxxx", id="a size"),
        pytest.param("/slow?seconds=0.01", 200, "ok", id="late"),
        pytest.param(
            "/status/799", 400, "/status/799: 799 is not a valid HTTPStatus", id="no status"
        ),
        pytest.param(
            "/slow?seconds=x",
            400,
            "/slow?seconds=x: could not convert string to float: 'x'",
            id="no number",
        ),
    ],
)
def test_the_path_decides_the_answer(
    client: httpx.Client, target: str, status: int, body: str
) -> None:
    answer = client.post(target, content=b"{}")

    assert (answer.status_code, answer.text) == (status, body)


def test_it_echoes_a_body_with_its_type(client: httpx.Client) -> None:
    answer = client.post("/echo", data={"a": "ä"})

    assert answer.text == "a=%C3%A4"
    assert answer.headers["content-type"] == "application/x-www-form-urlencoded"


def test_it_fails_as_often_as_asked_for_each_key(client: httpx.Client) -> None:
    def statuses(key: str) -> list[int]:
        target = f"/fail-then-ok?times=2&key={key}"
        return [client.get(target).status_code for _ in range(4)]

    assert statuses("a") == [500, 500, 200, 200]
    assert statuses("b") == [500, 500, 200, 200]


def test_query_parameters_of_a_status_become_headers(client: httpx.Client) -> None:
    answer = client.get("/status/302?location=/ok&retry-after=2")

    assert answer.headers["location"] == "/ok"
    assert answer.headers["retry-after"] == "2"


def test_it_remembers_requests_in_order(echo: EchoServer, client: httpx.Client) -> None:
    before = time.time()
    client.post("/ok?n=1", content="grüß", headers={"X-CronTask-Attempt": "1"})
    client.get("/fail")

    first, second = echo.received
    assert (first.method, first.target, first.text) == ("POST", "/ok?n=1", "grüß")
    assert first.headers["x-crontask-attempt"] == "1"
    assert (second.method, second.target, second.text) == ("GET", "/fail", "")
    assert before <= first.arrived <= second.arrived <= time.time()
    assert echo.received_on("/ok") == [first]


def test_its_history_can_be_read_and_forgotten_over_http(client: httpx.Client) -> None:
    client.get("/fail-then-ok")
    (entry,) = client.get("/_received").json()
    assert entry["target"] == "/fail-then-ok"

    assert client.delete("/_received").status_code == 204
    assert client.get("/_received").json() == []
    assert client.get("/fail-then-ok").status_code == 500, "counts start again as well"


def test_a_dropped_connection_has_no_answer(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        client.get("/drop")


def test_one_connection_serves_many_requests(client: httpx.Client) -> None:
    # HEAD and 204 have no body: a byte too many would spoil the next answer.
    sequence = [("HEAD", "/big?bytes=9"), ("GET", "/status/204"), ("GET", "/status/304")]
    for method, target in [*sequence, ("GET", "/ok")]:
        answer = client.request(method, target)

    assert answer.text == "ok"


def test_what_is_no_http_closes_the_connection(echo: EchoServer) -> None:
    with socket.create_connection(("127.0.0.1", echo.port)) as connection:
        connection.sendall(b"hello\r\n\r\n")
        assert connection.recv(1) == b""


def test_it_stops_while_callers_keep_their_connections() -> None:
    with httpx.Client(trust_env=False) as client:
        with EchoServer() as server:
            client.get(server.url)
        with pytest.raises(httpx.ConnectError):
            client.get(server.url)


def test_as_a_program_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with EchoServer() as taken:
        port = taken.port
    argv = [sys.executable, "-m", "dev.echo", "--port", str(port)]
    program = Child.start("echo", argv, log=tmp_path / "log")
    try:
        with loopback_client(f"http://127.0.0.1:{port}") as client:
            wait_until_ready(program, lambda: succeeds(client, "/_received"), timeout=10)
            assert client.get("/_received").json() == []
        assert program.stop() == 0
    finally:
        program.kill()

"""Clients that nobody knows yet take little: of memory, of connections, of time."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import connect
from tests.support.memory import resident_bytes
from tests.support.programs import run_facade

MIB = 1024 * 1024
PER_ADDRESS = 40
ADD = "/crontab/add_task"
SETTINGS = {
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_MAX_CONNECTIONS": "60",
    "CRONTASK_API_MAX_CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS),
    "CRONTASK_API_HEAD_TIMEOUT_SECONDS": "1",
    "CRONTASK_API_KEEP_ALIVE_SECONDS": "1",
    "CRONTASK_API_REQUEST_TIMEOUT_SECONDS": "3",
}


@pytest.fixture(scope="module")
def program(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade that gives a client little time and few connections."""
    with run_facade(control_plane, "default", settings=SETTINGS) as running:
        assert httpx.get(f"{running.url}/healthz", trust_env=False).status_code == 200
        yield running


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the server closes; a reset is an end, too."""
    connection.settimeout(30)
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def flood(program: Program, begin: bytes, unit: bytes, most: int = 60 * MIB) -> bytes:
    """Send `unit` again and again, until the server ends it; return its answer."""
    with connect(program.url) as connection:
        try:
            connection.sendall(begin)
            for _ in range(most // len(unit)):
                connection.sendall(unit)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        return rest_of(connection)


GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = f"POST {ADD} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
FLOODS = {
    "headers": (GET, b"a: b\r\n" * 10_000),
    "one header": (GET + b"a: ", b"b" * 65536),
    "a name": (GET, b"a" * 65536),
    "a target": (b"GET /", b"a" * 65536),
    "a method": (b"", b"A" * 65536),
    "empty lines": (b"", b"\r\n" * 32768),
    "trailers": (CHUNKED + b"1\r\n{\r\n0\r\n", b"a: b\r\n" * 10_000),
    "one trailer": (CHUNKED + b"1\r\n{\r\n0\r\na: ", b"b" * 65536),
    "an extension": (CHUNKED + b"1;a=", b"b" * 65536),
    "requests ahead": (b"", (GET + b"\r\n") * 1500),
    "a body to a path that takes none": (
        b"POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n",
        b"x" * 65536,
    ),
    "a body that is too large": (
        f"POST {ADD} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n".encode(),
        b"x" * 65536,
    ),
}


@pytest.mark.parametrize(("begin", "unit"), FLOODS.values(), ids=FLOODS)
def test_a_flood_takes_no_memory(program: Program, begin: bytes, unit: bytes) -> None:
    before = resident_bytes(program.child.pid)

    for _ in range(2):
        flood(program, begin, unit)

    assert resident_bytes(program.child.pid) - before < 24 * MIB
    assert httpx.get(f"{program.url}/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize("path", ["/none", ADD])
def test_a_body_that_nobody_reads_is_dropped_up_to_a_bound(program: Program, path: str) -> None:
    sent = 0
    with connect(program.url) as connection, suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n".encode()
        )
        while sent < 60 * MIB:
            sent += connection.send(b"x" * 65536)

    # Sixteen megabytes, and what the system takes on the way.
    assert sent < 40 * MIB


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET + b"a: " + b"b" * 70_000 + b"\r\n\r\n", b"431"),
        (GET + b"a: b\r\n" * 101 + b"\r\n", b"431"),
        (GET + b"a: " + b"b" * 60_000 + b"\r\n\r\n", b"200"),
        (GET + b"a: b\r\n" * 90 + b"Connection: close\r\n\r\n", b"200"),
        (GET, b"408"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
    ids=["large", "many", "just not large", "just not many", "half", "nonsense"],
)
def test_a_head_is_answered(program: Program, sent: bytes, status: bytes) -> None:
    with connect(program.url) as connection:
        connection.sendall(sent)
        answer = rest_of(connection)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'{"state":' in answer


def test_half_sent_heads_are_closed_and_have_no_more_than_their_share(program: Program) -> None:
    waiting = [connect(program.url) for _ in range(PER_ADDRESS + 10)]
    for connection in waiting:
        try:
            connection.sendall(GET)
        except (BrokenPipeError, ConnectionResetError):
            continue
    with ThreadPoolExecutor(len(waiting)) as threads:
        answers = list(threads.map(rest_of, waiting))
    for connection in waiting:
        connection.close()

    # That of who was refused may have been lost with what he had sent.
    assert sum(answer.startswith(b"HTTP/1.1 408") for answer in answers) == PER_ADDRESS
    assert all(
        answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 503")) or not answer for answer in answers
    )
    metrics = httpx.get(f"{program.url}/metrics", trust_env=False).text
    assert 'crontask_api_connections_refused_total{reason="slow"}' in metrics
    assert 'crontask_api_connections_refused_total{reason="connections"}' in metrics


def test_another_address_is_let_in_meanwhile(program: Program) -> None:
    waiting = [connect(program.url) for _ in range(PER_ADDRESS)]
    try:
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, trust_env=False) as other:
            assert other.get(f"{program.url}/healthz").status_code == 200
    finally:
        for connection in waiting:
            connection.close()


@pytest.mark.parametrize("sent", [b"", GET + b"\r\n", GET + b"\r\n\r\n"])
def test_an_idle_connection_is_closed(program: Program, sent: bytes) -> None:
    with connect(program.url) as connection:
        connection.sendall(sent)
        answer = rest_of(connection)

    assert answer.count(b"HTTP/1.1") == bool(sent)


@pytest.mark.parametrize("size", [5, 12])
def test_a_client_sees_why_its_body_was_refused(program: Program, size: int) -> None:
    # urllib sends the whole body before it looks for an answer, and closes afterwards.
    body = b"x" * (size * MIB)
    request = urllib.request.Request(program.url + ADD, data=body)  # noqa: S310 - loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    with pytest.raises(urllib.error.HTTPError) as raised:
        opener.open(request, timeout=30)

    assert raised.value.code == 413
    assert b"the body: expected at most 4194304 bytes" in raised.value.read()

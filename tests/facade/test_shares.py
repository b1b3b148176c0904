"""One client's slow requests keep no other client waiting."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import connect
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

LIST = "/crontab/list_task"
SHARE = 3
SETTINGS = {
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_MAX_REQUESTS": "5",
    "CRONTASK_API_MAX_REQUESTS_PER_CLIENT": str(SHARE),
}


@pytest.fixture(scope="module")
def with_tokens(control_plane: ControlPlane, tokens: Path) -> Iterator[Program]:
    """A facade with two clients and small shares."""
    settings = {
        **SETTINGS,
        "CRONTASK_API_AUTH": "token",
        "CRONTASK_API_TOKENS_PATH": str(tokens),
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


def ask(program: Program, token: str) -> httpx.Response:
    """Return the answer to one request of the holder of `token`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(program.url + LIST, headers=headers, json={}, trust_env=False)


def begin(program: Program, token: str) -> socket.socket:
    """Send all of a request but its body."""
    connection = connect(program.url)
    connection.sendall(
        f"POST {LIST} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    return connection


def test_a_client_has_a_share_and_no_more(with_tokens: Program) -> None:
    with ExitStack() as stack:
        for _ in range(SHARE):
            connection = stack.enter_context(begin(with_tokens, "shop-secret"))
            # It is asked for its body once it is admitted.
            assert connection.recv(100).startswith(b"HTTP/1.1 100")

        refused = ask(with_tokens, "shop-secret")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert "3 requests of yours" in refused.json()["msg"]
        # Both are of one address; whose the token is decides.
        assert ask(with_tokens, "ops-secret").status_code == 200
    eventually_sync(lambda: ask(with_tokens, "shop-secret").status_code == 200)


def test_who_has_no_token_takes_no_place(with_tokens: Program) -> None:
    for _ in range(20):
        assert ask(with_tokens, "nonsense").status_code == 401
    assert ask(with_tokens, "shop-secret").status_code == 200


def test_without_tokens_a_client_is_an_address(control_plane: ControlPlane) -> None:
    with run_facade(control_plane, "default", settings=SETTINGS) as program, ExitStack() as stack:
        for _ in range(SHARE):
            connection = stack.enter_context(begin(program, ""))
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
        assert ask(program, "").status_code == 429

        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, trust_env=False) as other:
            assert other.post(program.url + LIST, json={}).status_code == 200


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"], ids=["nobody", "others"])
def test_a_forwarded_address_is_not_believed(control_plane: ControlPlane, trusted: str) -> None:
    settings = {**SETTINGS, "CRONTASK_API_TRUSTED_PROXIES": trusted}
    with run_facade(control_plane, "default", settings=settings) as program, ExitStack() as stack:
        for _ in range(SHARE):
            connection = stack.enter_context(begin(program, ""))
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
        headers = {"X-Forwarded-For": "10.9.8.7"}
        answer = httpx.post(program.url + LIST, json={}, headers=headers, trust_env=False)
        assert answer.status_code == 429


def test_a_trusted_proxy_speaks_for_its_clients(control_plane: ControlPlane) -> None:
    settings = {**SETTINGS, "CRONTASK_API_TRUSTED_PROXIES": "127.0.0.1/32"}
    with run_facade(control_plane, "default", settings=settings) as program, ExitStack() as stack:
        for _ in range(SHARE):
            connection = stack.enter_context(begin(program, ""))
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
        headers = {"X-Forwarded-For": "10.9.8.7"}
        answer = httpx.post(program.url + LIST, json={}, headers=headers, trust_env=False)
        assert answer.status_code == 200

"""Requests that a client sends ahead of the answers are answered, in their order."""

import re
import socket

import pytest

from crontask_api.server.protocol import MOST_WAITING
from dev.programs import Program
from tests.facade.client import connect

GET = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = (
    "POST /crontab/list_task HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: broken\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
)
LAST = f"{GET}X-Request-ID: last\r\nConnection: close\r\n\r\n"


def _answers(program: Program, *requests: str) -> list[tuple[int, str]]:
    """Return status and request id of the answers to `requests`, sent in one packet."""
    with connect(program.url) as connection:
        connection.sendall("".join(requests).encode())
        received = b""
        while part := connection.recv(65536):
            received += part
    found = re.split(rb"(?=HTTP/1\.1 )", received)[1:]
    ids = [re.search(rb"(?i)x-request-id: (\S+)", answer) for answer in found]
    return [
        (int(answer.split()[1]), known[1].decode() if known else "")
        for answer, known in zip(found, ids, strict=True)
    ]


def _get(number: int) -> str:
    return f"{GET}X-Request-ID: {number}\r\n\r\n"


def test_as_many_as_may_wait_are_answered_in_their_order(shared_facade: Program) -> None:
    requests = [_get(number) for number in range(MOST_WAITING)]

    answers = _answers(shared_facade, *requests, LAST)

    assert answers == [*((200, str(number)) for number in range(MOST_WAITING)), (200, "last")]


def test_the_first_too_many_is_told_so_after_the_others(shared_facade: Program) -> None:
    answers = _answers(shared_facade, *[_get(number) for number in range(40)])

    expected = [(200, str(number)) for number in range(MOST_WAITING + 1)]
    assert answers == [*expected, (503, "")]


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        (f"{GET}a: {'b' * 70_000}\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\n" + "a: b\r\n" * 200 + "\r\n", 431),
        (f"{POST}nonsense\r\n", 400),
    ],
    ids=["nonsense", "a large head", "many headers", "a broken body"],
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_what_cannot_be_read_is_refused_after_the_answers_before(
    shared_facade: Program, last: str, status: int, before: int
) -> None:
    requests = [_get(number) for number in range(before)]

    answers = _answers(shared_facade, *requests, last, LAST)

    assert answers == [*((200, str(number)) for number in range(before)), (status, "")]


UPGRADE = "Connection: Upgrade\r\nUpgrade: h2c\r\n"


def test_a_request_to_upgrade_takes_nothing_of_what_follows(shared_facade: Program) -> None:
    asked = [f"{GET}{UPGRADE}X-Request-ID: {number}\r\n\r\n" for number in range(3)]

    assert _answers(shared_facade, *asked, LAST) == [
        (200, "0"),
        (200, "1"),
        (200, "2"),
        (200, "last"),
    ]


def test_no_body_behind_a_request_to_upgrade_becomes_a_request(shared_facade: Program) -> None:
    hidden = f"{GET}X-Request-ID: hidden\r\n\r\n"
    begin = f"{GET}{UPGRADE}X-Request-ID: upgrade\r\n\r\nPOST /none HTTP/1.1\r\nHost: localhost\r\n"
    head = f"X-Request-ID: post\r\nContent-Length: {len(hidden)}\r\n\r\n"
    with connect(shared_facade.url) as connection:
        connection.sendall(f"{begin}{head}".encode())
        received = _read_answer(connection)
        connection.sendall(f"{hidden}{LAST}".encode())
        while part := connection.recv(65536):
            received += part

    ids = re.findall(rb"(?i)x-request-id: (\S+)", received)
    assert ids == [b"upgrade", b"post", b"last"]


def _read_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"}}" not in received:
        received += connection.recv(65536)
    return received

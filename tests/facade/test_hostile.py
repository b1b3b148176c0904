"""Requests that mean harm, and clients that leave: others are served all the same."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dev.programs import Program
from tests.facade.client import Facade, connect, item
from tests.support.wait import eventually_sync

ADD = "/crontab/add_task"
ROUNDS = 4

HOSTILE = [
    b" " * 10_000_000,
    b'{"task_list": [' + b"{}," * 99_999 + b"{}]}",
    b'{"task_list": [' + b"[" * 1_000_000,
    b'{"task_list": [{"name": "' + b"\xff" * 1_000_000 + b'"}]}',
    b'{"task_list": ["' + b"x" * 4_000_000 + b'"]}',
    b'{"task_list": [' + b",".join([b'{"name": {"a": [1, 2, 3]}, "type": "x"}'] * 1000) + b"]}",
    b"{" + b",".join(b'"%d": 1' % number for number in range(200_000)) + b', "task_list": []}',
    b"9" * 1_000_000,
]


def test_hostile_requests_are_refused_in_constant_memory_and_harm_nobody(
    facade: Facade, shared_facade: Program
) -> None:
    own_id = facade.add_one()

    def attack(body: bytes) -> tuple[int, int]:
        response = facade.http.post(ADD, content=body)
        return response.status_code, len(response.content)

    def ask(_: object) -> int:
        (result,) = facade.results("query_task_status", {"task_id": own_id})
        code: int = result["code"]
        return code

    with ThreadPoolExecutor(4) as attackers, ThreadPoolExecutor(2) as clients:
        warm = list(attackers.map(attack, HOSTILE))
        before = _resident_mib(shared_facade)
        attacks = attackers.map(attack, HOSTILE * ROUNDS)
        answers = clients.map(ask, range(20))
        assert set(answers) == {0}
        assert list(attacks) == warm * ROUNDS

    assert {status for status, _ in warm} == {200, 413}
    # Each of the four bodies at a time may be held in two forms, of 4 MiB each.
    assert _resident_mib(shared_facade) - before < 64


def _resident_mib(program: Program) -> float:
    status = Path(f"/proc/{program.child.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_a_client_that_hangs_up_harms_nobody(facade: Facade, shared_facade: Program) -> None:
    body = json.dumps({"task_list": [item(name=f"n{n}") for n in range(50)]}).encode()
    head = (
        f"POST {ADD} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        f"X-CronTask-Namespace: {facade.http.headers['X-CronTask-Namespace']}\r\n\r\n"
    ).encode()
    for sent in (b"POST", head, head + body[:100], head + body):
        with connect(shared_facade.url) as connection:
            connection.sendall(sent)

    assert facade.http.get("/healthz").status_code == 200
    # Whoever sent a whole request gets it done, there or not.
    last = {"name": "n49"}
    eventually_sync(lambda: facade.results("get_task", last)[0]["code"] == 0)


def test_the_log_holds_no_body_no_query_and_no_header(
    facade: Facade, shared_facade: Program
) -> None:
    facade.http.post(
        f"{ADD}?key=secret-query",
        json={"task_list": [item(name="unlogged", body="secret-body")]},
        headers={"Authorization": "Bearer secret-header", "X-Request-ID": "the-logged-one"},
    )

    def logged() -> list[str]:
        return [line for line in _log(shared_facade).splitlines() if "the-logged-one" in line]

    # The line is written once the answer has been sent.
    (line,) = eventually_sync(logged)
    assert f"path={ADD}" in line
    assert "items={0: 1}" in line
    for secret in ("secret-query", "secret-body", "secret-header", "unlogged"):
        assert secret not in _log(shared_facade)


def _log(program: Program) -> str:
    return program.child.log.read_text()

"""Who is let in: token and kubernetes; 401 and 403 in the envelope."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import Facade, connect, item
from tests.facade.cluster import create_reader
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

ALL = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
LIST = "/crontab/list_task"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_each_named_token_lets_in(guarded: Program, namespace: str) -> None:
    for token in ("shop-secret", "ops-secret"):
        with Facade(guarded.url, namespace, **_bearer(token)) as facade:
            assert facade.add(item(name=token))[0]["err"] == ""
    log = guarded.child.log.read_text()
    assert "shop" in log
    assert "shop-secret" not in log


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic c2hvcDpzaG9wLXNlY3JldA=="},
        {"Authorization": "shop-secret"},
        {"Authorization": "Bearer shop"},
        {"Authorization": "Bearer shop-secret-and-more"},
        {"Authorization": "Bearer SHOP-SECRET"},
        {"Authorization": "Bearer ü".encode()},
    ],
    ids=str,
)
def test_nobody_else_is_let_in(guarded: Program, headers: dict[str, str | bytes]) -> None:
    raw = [(k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in headers.items()]
    response = httpx.post(guarded.url + LIST, headers=raw, json={}, trust_env=False)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    answer = response.json()
    assert (answer["state"], answer["data"]) == (1, {})


def test_probes_need_no_token(guarded: Program) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert httpx.get(guarded.url + path, trust_env=False).status_code == 200


def test_a_stranger_is_refused_before_the_body_is_there(guarded: Program) -> None:
    with connect(guarded.url) as connection:
        connection.sendall(
            f"POST {LIST} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_a_rotated_token_counts_without_a_restart(guarded: Program, tokens: Path) -> None:
    def status(token: str) -> int:
        headers = _bearer(token)
        return httpx.post(guarded.url + LIST, headers=headers, json={}, trust_env=False).status_code

    (tokens / "..data" / "shop").write_text("rotated")

    eventually_sync(lambda: status("rotated") == 200)
    assert status("shop-secret") == 401
    assert status("ops-secret") == 200
    # What cannot be read leaves in force what was read before.
    (tokens / "..data" / "shop").write_bytes(b"\xff")
    eventually_sync(lambda: status("x") == 401 and _says(guarded, "tokens not reloaded"))
    assert status("rotated") == 200
    (tokens / "..data" / "shop").write_text("shop-secret")
    eventually_sync(lambda: status("shop-secret") == 200)


@pytest.fixture(scope="module")
def cluster_guarded(control_plane: ControlPlane, kube: httpx.Client) -> Iterator[Program]:
    """A facade with auth=kubernetes."""
    settings = {**ALL, "CRONTASK_API_AUTH": "kubernetes"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def reader(control_plane: ControlPlane, kube: httpx.Client, namespace: str) -> str:
    """The token of a ServiceAccount that may read the CronTasks of the test's namespace."""
    create_reader(kube, namespace, "client")
    return control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()


def test_rbac_decides_what_a_client_may_do(
    cluster_guarded: Program, reader: str, namespace: str
) -> None:
    with Facade(cluster_guarded.url, namespace, **_bearer(reader)) as facade:
        assert facade.results("query_task_status", {"name": "x"})[0]["code"] == 5
        assert facade.post("list_task", {})["state"] == 0
        for endpoint, verb in (
            ("add_task", "create"),
            ("update_task", "patch"),
            ("run_again_task", "patch"),
            ("pause_task", "patch"),
            ("delete_task", "delete"),
        ):
            response = facade.http.post(f"/crontab/{endpoint}", json={"task_list": [item()]})
            assert response.status_code == 403
            assert response.json()["state"] == 1
            assert response.json()["msg"] == (
                f"system:serviceaccount:{namespace}:client may not {verb} "
                f"crontasks.crontask.dev in the namespace {namespace}"
            )


def test_a_right_in_one_namespace_is_none_in_another(cluster_guarded: Program, reader: str) -> None:
    with Facade(cluster_guarded.url, "kube-system", **_bearer(reader)) as facade:
        assert facade.http.post(LIST, json={}).status_code == 403


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_token_that_the_cluster_does_not_know(cluster_guarded: Program, token: str) -> None:
    response = httpx.post(
        cluster_guarded.url + LIST, headers=_bearer(token), json={}, trust_env=False
    )

    assert response.status_code == 401
    assert response.json()["msg"] == "the cluster does not accept the token"


def test_reviews_are_kept_for_a_while(
    cluster_guarded: Program, reader: str, namespace: str
) -> None:
    def reviews() -> float:
        metrics = httpx.get(f"{cluster_guarded.url}/metrics", trust_env=False).text
        sample = 'crontask_api_kubernetes_request_seconds_count{method="POST",outcome="OK"}'
        return sum(float(line.split()[1]) for line in metrics.splitlines() if sample in line)

    before = reviews()
    begin = time.monotonic()
    with Facade(cluster_guarded.url, namespace, **_bearer(reader)) as facade:
        for _ in range(20):
            facade.post("list_task", {})

    rounds = 1 + (time.monotonic() - begin) // 10
    assert reviews() - before <= 2 * rounds


def _says(program: Program, words: str) -> bool:
    return words in program.child.log.read_text()

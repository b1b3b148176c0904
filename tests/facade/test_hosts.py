"""What a web page in somebody's browser can have sent is refused."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.support.programs import run_facade

LIST = "/crontab/list_task"
NAMED = {
    "CRONTASK_API_ALLOWED_NAMESPACES": "*",
    "CRONTASK_API_ALLOWED_HOSTS": "facade.crontask.svc, cron.example, *.jobs.example, FD00:0::7",
}


def ask(program: Program, path: str = LIST, method: str = "POST", **headers: str) -> httpx.Response:
    """Return the answer to a request with `headers`."""
    return httpx.request(method, program.url + path, headers=headers, json={}, trust_env=False)


@pytest.mark.parametrize(
    "host", ["localhost:6557", "LOCALHOST.", "127.0.0.1", "127.8.8.8:1", "[::1]:1"]
)
def test_without_authentication_loopback_names_are_served(
    shared_facade: Program, host: str
) -> None:
    assert ask(shared_facade, Host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:6557",
        "localhost.evil.example",
        "10.0.0.1",
        "",
        "0.0.0.0",
        "[::1",
        "a@localhost",
    ],
)
@pytest.mark.parametrize("path", [LIST, "/docs", "/openapi.json", "/none"])
def test_without_authentication_no_other_name_is(
    shared_facade: Program, host: str, path: str
) -> None:
    answer = ask(shared_facade, path, Host=host)

    assert answer.status_code == 403
    assert answer.json()["state"] == 1
    assert "facade.allowedHosts" in answer.json()["msg"]
    assert "CRONTASK_API_ALLOWED_HOSTS" in answer.json()["msg"]


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://localhost:3000", "file://", "http://127.0.0.1"],
)
@pytest.mark.parametrize("program", ["shared_facade", "guarded"])
def test_a_page_of_another_origin_is_refused_in_every_mode(
    request: pytest.FixtureRequest, program: str, origin: str
) -> None:
    asked: Program = request.getfixturevalue(program)
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = ask(
            asked, Origin=origin, Authorization="Bearer shop-secret", **{"Content-Type": kind}
        )
        assert answer.status_code == 403
        assert answer.json()["msg"].startswith("Origin: ")


def test_a_page_of_this_service_is_not(shared_facade: Program) -> None:
    assert ask(shared_facade, Host="localhost:1", Origin="http://localhost:1").status_code == 200


@pytest.mark.parametrize("program", ["shared_facade", "guarded"])
def test_no_preflight_is_granted(request: pytest.FixtureRequest, program: str) -> None:
    asked: Program = request.getfixturevalue(program)
    for origin in ("http://evil.example", asked.url):
        answer = ask(
            asked,
            method="OPTIONS",
            Origin=origin,
            **{
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        assert answer.status_code in (403, 405)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_with_tokens_any_name_is_served(guarded: Program) -> None:
    answer = ask(guarded, Host="anything.example", Authorization="Bearer ops-secret")
    assert answer.status_code == 200


def test_probes_and_metrics_are_open_to_the_pods_address(shared_facade: Program) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert ask(shared_facade, path, method="GET", Host="10.1.2.3:6557").status_code == 200


@pytest.fixture(scope="module")
def named(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with names in its settings."""
    with run_facade(control_plane, "default", settings=NAMED) as program:
        yield program


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("facade.crontask.svc:6557", 200),
        ("Cron.Example", 200),
        ("a.jobs.example", 200),
        ("[fd00::7]", 200),
        ("[FD00:0:0::7]:6557", 200),
        ("localhost", 200),
        ("[fd00::8]", 403),
        ("jobs.example", 403),
        ("x", 403),
    ],
)
def test_names_of_the_settings_are_served(named: Program, host: str, status: int) -> None:
    assert ask(named, Host=host).status_code == status

"""The blocking session: one connection, kept; what goes wrong in one sentence."""

from socket import create_server

import pytest

from crontask_kube.access import Access
from crontask_kube.blocking import KubeHttp
from crontask_kube.errors import ForbiddenError, UnauthorizedError, UnavailableError
from tests.support.scripted_http import OK, answer, serving


def session(url: str) -> KubeHttp:
    return KubeHttp(Access(server=url, authorization="Bearer t"), user_agent="test")


def test_a_connection_is_kept() -> None:
    with serving([OK, OK]) as (url, heads), session(f"{url}/prefix/") as http:
        assert http.request("GET", "/a", query={"q": "x=/ é"}) == b"ok"
        assert http.request("GET", "/b", accept="text/plain") == b"ok"
    assert heads[0].startswith(b"GET /prefix/a?q=x%3D%2F%20%C3%A9 HTTP/1.1\r\n")
    assert b"Authorization: Bearer t\r\n" in heads[0]
    assert b"Accept: application/json\r\n" in heads[0]
    assert b"Accept: text/plain\r\n" in heads[1]


def test_a_kept_connection_that_was_closed_is_opened_anew() -> None:
    with serving([OK], [OK]) as (url, heads), session(url) as http:
        assert http.request("GET", "/a") == b"ok"
        assert http.request("GET", "/b") == b"ok"
    assert len(heads) == 2


def test_what_was_turned_away_is_sent_again() -> None:
    busy = answer("429 Too Many Requests", b'{"details": {"retryAfterSeconds": 0.01}}')
    with serving([busy, OK]) as (url, _), session(url) as http:
        assert http.request("PATCH", "/a", body=b"{}") == b"ok"


@pytest.mark.parametrize(
    ("answers", "kind", "told"),
    [
        ([answer("401 Unauthorized")], UnauthorizedError, "does not accept the credentials"),
        ([answer("403 Forbidden", b'{"message": "no"}')], ForbiddenError, "^no$"),
        ([answer("500 Fault", b"<p>Bearer t</p>")], UnavailableError, "answered HTTP 500$"),
        ([b""], UnavailableError, "it closed the connection$"),
        ([b"hello\r\n"], UnavailableError, "does not speak HTTP as expected$"),
        ([OK[:-1]], UnavailableError, "does not speak HTTP as expected$"),
    ],
    ids=["401", "403", "a page", "nothing", "no HTTP", "half an answer"],
)
def test_what_goes_wrong(answers: list[bytes], kind: type[Exception], told: str) -> None:
    with serving(answers) as (url, _), session(url) as http, pytest.raises(kind, match=told):
        http.request("GET", "/a")


def test_a_watch_ends_with_its_connection() -> None:
    events = b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"a": 1}\n{"b": 2}\n{"c'
    with serving([events]) as (url, _), session(url) as http:
        assert list(http.lines("/a", {"watch": "true"})) == [b'{"a": 1}\n', b'{"b": 2}\n']


def test_a_refused_watch_is_told() -> None:
    with (
        serving([answer("403 Forbidden")]) as (url, _),
        session(url) as http,
        pytest.raises(ForbiddenError),
    ):
        list(http.lines("/a", {}))


def test_nobody_is_there() -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnavailableError, match=f"no answer from http://127.0.0.1:{port}: Conn"):
        session(f"http://127.0.0.1:{port}").request("GET", "/a")

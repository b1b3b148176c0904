"""What goes over the wire."""

from typing import Unpack

import msgspec
import pytest

from crontask_core.enums import BodyType, Reason, RunType
from crontask_core.spec import Header, HttpCallback, SecretKeyRef
from tests.support.targets import Request, target
from tests.unit.callbacks.calls import EXECUTION_ID, Caller, Options


async def sent(caller: Caller, callback: HttpCallback, **options: Unpack[Options]) -> Request:
    """Return the request that a target gets; `callback.url` is a path on it."""
    async with target() as server:
        callback = msgspec.structs.replace(callback, url=server.url + callback.url)
        result = await caller(callback, **options)
        assert result.error == ""
        (request,) = server.requests
        return request


async def test_every_call_tells_which_run_it_is(caller: Caller) -> None:
    request = await sent(
        caller, HttpCallback(url="/hook"), name="nightly", number=3, run_type=RunType.RETRY
    )
    assert request.header("X-CronTask-Execution-Id") == EXECUTION_ID
    assert request.header("Idempotency-Key") == EXECUTION_ID
    assert request.header("X-CronTask-Name") == "nightly"
    assert request.header("X-CronTask-Namespace") == "shop"
    assert request.header("X-CronTask-Scheduled-Time") == "2026-03-01T11:59:59Z"
    assert request.header("X-CronTask-Attempt") == "3"
    assert request.header("X-CronTask-Run-Type") == "Retry"
    assert request.header("User-Agent") == "crontask-operator/1.2.3"


async def test_a_run_that_is_made_again_tells_which_one(caller: Caller) -> None:
    request = await sent(caller, HttpCallback(url="/hook"), redrive_of="47a96f5b")
    assert request.header("X-CronTask-Redrive-Of") == "47a96f5b"
    other = await sent(caller, HttpCallback(url="/hook"))
    assert other.header("X-CronTask-Redrive-Of") is None


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("close the books", "close the books"),
        ("任务", "%E4%BB%BB%E5%8A%A1"),
        ("50% off", "50%25 off"),
        ("two\r\nX-Evil: 1", "two%0D%0AX-Evil: 1"),
    ],
    ids=["ascii", "chinese", "percent", "line break"],
)
async def test_a_task_name_is_percent_encoded(caller: Caller, name: str, header: str) -> None:
    request = await sent(caller, HttpCallback(url="/"), task_name=name)
    assert request.header("X-CronTask-Name") == header
    assert request.header("X-Evil") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PURGE"])
async def test_a_body_is_sent_as_json_unless_said_otherwise(caller: Caller, method: str) -> None:
    request = await sent(caller, HttpCallback(url="/", method=method, body='{"a": "é"}'))
    assert request.method == method
    assert request.body == '{"a": "é"}'.encode()
    assert request.header("Content-Type") == "application/json"
    assert request.header("Content-Length") == "11"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_get_and_head_send_no_body(caller: Caller, method: str) -> None:
    request = await sent(caller, HttpCallback(url="/", method=method, body='{"a": 1}'))
    assert request.body == b""
    assert request.header("Content-Type") is None
    assert request.header("Content-Length") is None


async def test_an_empty_body_has_a_length(caller: Caller) -> None:
    request = await sent(caller, HttpCallback(url="/"))
    assert request.header("Content-Length") == "0"


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ('{"a": "x y", "b": 1, "c": true}', b"a=x+y&b=1&c=true"),
        ('{"a": null, "b": 1.50}', b"a=&b=1.5"),
        ('{"ids": [1, 2], "none": []}', b"ids=1&ids=2"),
        ('{"a": {"b": ["é"]}}', b"a=%7B%22b%22%3A%5B%22%C3%A9%22%5D%7D"),
        ('{"任": "务"}', b"%E4%BB%BB=%E5%8A%A1"),
        ("a=1&b=2", b"a=1&b=2"),
        ("[1, 2]", b"[1, 2]"),
        ("", b""),
    ],
    ids=["members", "null", "list", "object", "not ascii", "encoded", "json list", "empty"],
)
async def test_a_form_is_made_of_a_json_object(caller: Caller, body: str, form: bytes) -> None:
    request = await sent(caller, HttpCallback(url="/", body=body, body_type=BodyType.FORM))
    assert request.body == form
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"


async def test_headers_of_the_spec_replace_the_usual_ones(caller: Caller) -> None:
    headers = (
        Header(name="content-type", value="text/plain"),
        Header(name="User-Agent", value="mine"),
        Header(name="Host", value="shop.example"),
        Header(name="X-Greeting", value="grüß dich"),
    )
    request = await sent(caller, HttpCallback(url="/", headers=headers))
    assert request.header("Content-Type") == "text/plain"
    assert request.header("User-Agent") == "mine"
    assert request.header("Host") == "shop.example"
    assert request.header("X-Greeting") == "grüß dich"


async def test_a_header_may_come_twice(caller: Caller) -> None:
    headers = (Header(name="X-Tag", value="a"), Header(name="X-Tag", value="b"))
    request = await sent(caller, HttpCallback(url="/", headers=headers))
    assert [value for name, value in request.headers if name == "X-Tag"] == ["a", "b"]


async def test_path_and_query_arrive_as_they_were_written(caller: Caller) -> None:
    request = await sent(caller, HttpCallback(url="/a%2Fb/é?q=x%20y&z=1#part"))
    assert request.target == "/a%2Fb/%C3%A9?q=x%20y&z=1"


async def test_what_a_url_may_not_hold_is_percent_encoded(caller: Caller) -> None:
    # RFC 3986 allows the rest: unreserved characters, delimiters, : @ / ? and escapes.
    request = await sent(
        caller, HttpCallback(url='/a|\\^[]`{}<>"b?c=|\\^[]`{}<>"&d=!$\'()*+,;:@/?-._~')
    )
    forbidden = "%7C%5C%5E%5B%5D%60%7B%7D%3C%3E%22"
    assert request.target == f"/a{forbidden}b?c={forbidden}&d=!$'()*+,;:@/?-._~"


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (Header(name="X-CronTask-Attempt", value="9"), "set by the operator"),
        (Header(name="idempotency-key", value="9"), "set by the operator"),
        (Header(name="X_CronTask_Name", value="9"), "set by the operator"),
        (Header(name="x.crontask~attempt", value="9"), "set by the operator"),
        (Header(name="Idempotency_Key", value="9"), "set by the operator"),
        (Header(name="Content_Length", value="9"), "set by the client"),
        (Header(name="X-A" * 100, value="9"), "at most 256 characters"),
        (Header(name="X-A", value="x" * 16_385), "at most 16384 bytes"),
        (Header(name="X-A", value="ä" * 8_193), "at most 16384 bytes"),
        (Header(name="X-A", value="\ud800"), "whole characters"),
        (Header(name="Transfer-Encoding", value="chunked"), "set by the client"),
        (Header(name="content-length", value="9"), "set by the client"),
        (Header(name="bad name", value="9"), "RFC 9110 token"),
        (Header(name="X-A", value="1\r\nX-B: 2"), "on one line"),
        (Header(name="X-A", value="\x00"), "on one line"),
    ],
    ids=[
        "ours",
        "key",
        "ours to CGI",
        "ours with other signs",
        "key to CGI",
        "length to CGI",
        "long name",
        "long value",
        "long in bytes",
        "half a character",
        "chunked",
        "length",
        "name",
        "line break",
        "nul",
    ],
)
async def test_a_header_that_cannot_be_sent_is_refused(
    caller: Caller, header: Header, error: str
) -> None:
    async with target() as server:
        headers = (Header(name="X-Fine", value="1"), header)
        result = await caller(HttpCallback(url=server.url, headers=headers))
        assert result.reason is Reason.INVALID_REQUEST
        assert "spec.callback.http.headers[1]" in result.error
        assert error in result.error
        assert server.requests == []


@pytest.mark.parametrize(
    ("headers", "secret", "error"),
    [
        (65 * (Header(name="X-A", value="1"),), b"", "expected at most 64 headers, got 65"),
        (5 * (Header(name="X-A", value="x" * 16_000),), b"", "65536 bytes of names and values"),
        (
            (
                *(3 * (Header(name="X-A", value="x" * 16_000),)),
                *(2 * (Header(name="X-B", secret_key_ref=SecretKeyRef(name="s", key="k")),)),
            ),
            b"s3cr3t" * 2000,
            "65536 bytes of names and values",
        ),
    ],
    ids=["many", "long", "long by Secrets"],
)
async def test_all_headers_together_are_bounded(
    caller: Caller, headers: tuple[Header, ...], secret: bytes, error: str
) -> None:
    caller.secrets["shop/s"] = {"k": secret}
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, headers=headers))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.http.headers: ")
        assert error in result.error
        assert server.requests == []


async def test_a_long_body_is_sent_whole(caller: Caller) -> None:
    body = "".join(map(str, range(50_000)))
    assert (await sent(caller, HttpCallback(url="/", body=body))).body == body.encode()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://127.0.0.1/", "expected http:// or https:// and a host"),
        ("http:///path", "expected http:// or https:// and a host"),
        ("/path", "expected http:// or https:// and a host"),
        ("http://127.0.0.1:99999/", "a port from 1 to 65535"),
        ("http://127.0.0.1:0/", "a port from 1 to 65535"),
        ("http://me:pass@127.0.0.1/", "no user or password"),
        ("http://exa mple/", "expected a DNS name"),
        ("http://[::1/", "expected a URL"),
    ],
    ids=["scheme", "no host", "relative", "port", "port 0", "password", "blank", "bracket"],
)
async def test_a_url_that_cannot_be_called_is_refused(caller: Caller, url: str, error: str) -> None:
    result = await caller(HttpCallback(url=url))
    assert result.reason is Reason.INVALID_REQUEST
    assert error in result.error
    assert "me:pass" not in result.error

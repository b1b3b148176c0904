"""What becomes of an answer."""

import gzip
import zlib

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Expect, HttpCallback
from tests.support.targets import Exchange, Script, response, target
from tests.unit.callbacks.calls import Caller, calling


def script(*parts: bytes) -> Script:
    """Return a script that sends `parts` and closes."""

    async def send(exchange: Exchange) -> None:
        await exchange.send(*parts)
        exchange.close()

    return send


async def test_an_expected_answer_is_a_success(caller: Caller) -> None:
    async with target(script(response(201, b'{"ok":true}'))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert result.ok
        assert (result.code, result.response, result.error) == (201, '{"ok":true}', "")
        assert not result.truncated


async def test_an_unexpected_status_is_told_with_the_expectation(caller: Caller) -> None:
    async with target(script(response(503, b"busy"))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.UNEXPECTED_STATUS
        assert result.error == "expected status 200-299, got 503"
        assert (result.code, result.response) == (503, "busy")


async def test_a_body_without_a_match_is_told_with_the_expression(caller: Caller) -> None:
    async with target(script(response(200, b"no"))) as server:
        result = await caller(HttpCallback(url=server.url), expect=Expect(body_regex="^ok"))
        assert result.reason is Reason.BODY_MISMATCH
        assert "'^ok'" in result.error


async def test_an_expectation_that_does_not_compile_sends_nothing(caller: Caller) -> None:
    async with target() as server:
        result = await caller(HttpCallback(url=server.url), expect=Expect(body_regex="("))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.expect.bodyRegex: ")
        assert server.requests == []


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
            "abcde",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + response(200, b"after"), "after"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(200, b"after"), "after"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "hi"),
        (b"HTTP/1.1 200 OK\r\nX-B: \xe9\xff\r\nContent-Length: 2\r\n\r\nhi", "hi"),
        (response(200, b"hi") + b"and more than that", "hi"),
    ],
    ids=[
        "no content",
        "HTTP/1.0",
        "no length",
        "chunked",
        "continue",
        "early hints",
        "no phrase",
        "bytes in a header",
        "too much",
    ],
)
async def test_every_way_to_end_a_body_is_understood(caller: Caller, raw: bytes, text: str) -> None:
    async with target(script(raw)) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.error, result.response) == ("", text)


async def test_the_answer_to_head_has_no_body_whatever_it_says(caller: Caller) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"

    async def send(exchange: Exchange) -> None:
        await exchange.send(head)
        await exchange.gone()

    async with target(send) as server:
        result = await caller(HttpCallback(url=server.url, method="HEAD"))
        assert (result.error, result.code, result.response) == ("", 200, "")


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=gbk", "任务".encode("gbk"), "任务"),
        ('text/plain; charset="ISO-8859-1"', b"caf\xe9", "café"),
        ("text/plain; charset=utf-16", "任务".encode("utf-16"), "任务"),
        ("text/plain; charset=UTF-8", "任务".encode(), "任务"),
        ("application/json", "任务".encode(), "任务"),
        ("text/plain; charset=nonsense", b"a", "a"),
        ("text/plain; charset=idna", b"xn--a", "xn--a"),
        ("text/plain; charset=\x00", b"a", "a"),
        ("application/octet-stream", b"\xff\xfea", "\ufffd\ufffda"),
    ],
)
async def test_text_is_decoded_by_its_charset(
    caller: Caller, content_type: str, body: bytes, text: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: " % len(body)
    content = content_type.replace("\x00", "").encode()
    async with target(script(head, content, b"\r\n\r\n", body)) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.error, result.response) == ("", text)


async def test_an_expression_is_matched_on_decoded_text(caller: Caller) -> None:
    answer = response(200, "任务完成".encode("gbk"), {"Content-Type": "text/html; charset=GBK"})
    async with target(script(answer)) as server:
        result = await caller(HttpCallback(url=server.url), expect=Expect(body_regex="^任务.成$"))
        assert result.ok, result.error


def _deflated(data: bytes) -> bytes:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return bare.compress(data) + bare.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello world")),
        ("x-gzip", gzip.compress(b"hello world")),
        ("gzip", gzip.compress(b"hello ") + gzip.compress(b"world")),
        ("deflate", zlib.compress(b"hello world")),
        ("deflate", _deflated(b"hello world")),
        ("identity", b"hello world"),
    ],
    ids=["gzip", "x-gzip", "two gzip members", "zlib", "bare deflate", "identity"],
)
async def test_compressed_answers_are_decoded(caller: Caller, encoding: str, body: bytes) -> None:
    async with target(script(response(200, body, {"Content-Encoding": encoding}))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.error, result.response) == ("", "hello world")
        assert server.requests[0].header("Accept-Encoding") == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("gzip", b"hello", "not the gzip content that it claims to be"),
        ("deflate", b"\xff\xff\xff", "not the deflate content that it claims to be"),
        ("gzip", gzip.compress(b"hello world")[:-9], "gzip content of the answer is cut short"),
        ("br", b"hello", "came in the encoding 'br', which cannot be decoded"),
        ("gzip, gzip", b"hello", "came in the encoding 'gzip, gzip', which cannot be decoded"),
    ],
    ids=["no gzip", "no deflate", "cut short", "not asked for", "twice"],
)
async def test_a_wrong_encoding_is_an_error_with_the_status(
    caller: Caller, encoding: str, body: bytes, error: str
) -> None:
    async with target(script(response(200, body, {"Content-Encoding": encoding}))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.reason, result.code) == (Reason.CONNECTION_ERROR, 200)
        assert error in result.error


@pytest.mark.parametrize(("size", "truncated"), [(1024, False), (1025, True)])
async def test_an_answer_is_read_up_to_the_cap(caller: Caller, size: int, truncated: bool) -> None:
    async with target(script(response(200, b"x" * size))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.ok, result.truncated, len(result.response)) == (True, truncated, 1024)


async def test_a_mismatch_of_a_cut_answer_says_that_it_was_cut(caller: Caller) -> None:
    async with target(script(response(200, b"x" * 2000 + b"ok"))) as server:
        result = await caller(HttpCallback(url=server.url), expect=Expect(body_regex="ok"))
        assert result.reason is Reason.BODY_MISMATCH
        assert "in the first 1024 bytes of the answer, which was cut there" in result.error


async def test_an_endless_answer_is_dropped_at_the_cap() -> None:
    sent = 0

    async def pour(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        # Ends with an error as soon as the client has closed.
        while True:
            await exchange.send(b"x" * 65536)
            sent += 65536

    async with calling(cap=100_000) as caller, target(pour) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.ok, result.truncated, result.response_bytes) == (True, True, 100_000)
    assert sent < 20_000_000


async def test_a_zip_bomb_is_read_up_to_the_cap(caller: Caller) -> None:
    bomb = gzip.compress(bytes(50_000_000), 9)
    answer = response(200, bomb, {"Content-Encoding": "gzip"})
    async with target(script(answer)) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.ok, result.truncated, len(result.response)) == (True, True, 1024)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0), ("soon", None), (None, None)],
    ids=["seconds", "date", "neither", "absent"],
)
async def test_the_target_says_when_to_try_again(
    caller: Caller, value: str | None, seconds: float | None
) -> None:
    headers = {} if value is None else {"Retry-After": value}
    async with target(script(response(503, b"", headers))) as server:
        result = await caller(HttpCallback(url=server.url))
        assert (result.code, result.retry_after) == (503, seconds)

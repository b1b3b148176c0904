"""Values from Secrets: found afresh, and told to nobody but the target."""

import json
import logging
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Header, HttpCallback, SecretKeyRef
from crontask_operator.callbacks.secrets.redaction import Redactor
from crontask_operator.callbacks.secrets.secret_reader import (
    MISSING_SECONDS,
    SECRET_SECONDS,
    CachedSecretReader,
    SecretUnavailableError,
)
from tests.support.targets import Exchange, target
from tests.unit.callbacks.calls import Caller, Clock, calling

VALUE = 'Bearer s3cr3t/"token"+with=signs'
AUTHORIZATION = Header(
    name="Authorization", secret_key_ref=SecretKeyRef(name="shop-token", key="header")
)


class Cluster:
    """Secrets that change, and a count of the reads."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] | None = {"key": b"old"}
        self.error: SecretUnavailableError | None = None
        self.reads = 0

    async def get(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """Return the data of any Secret."""
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.data


class TestReader:
    """`CachedSecretReader` by itself."""

    async def test_a_rotated_secret_is_picked_up(self) -> None:
        clock, cluster = Clock(), Cluster()
        reader = CachedSecretReader(cluster.get, clock=clock)
        assert await reader.read("shop", "s", "key") == "old"
        cluster.data = {"key": b"new"}
        assert await reader.read("shop", "s", "key") == "old"
        clock.now += SECRET_SECONDS + 0.1
        assert await reader.read("shop", "s", "key") == "new"
        assert cluster.reads == 2

    async def test_a_secret_that_is_made_late_is_found_soon(self) -> None:
        clock, cluster = Clock(), Cluster()
        cluster.data = None
        reader = CachedSecretReader(cluster.get, clock=clock)
        for _ in range(2):
            with pytest.raises(SecretUnavailableError, match="Secret shop/s does not exist"):
                await reader.read("shop", "s", "key")
        assert cluster.reads == 1
        cluster.data = {"key": b"made"}
        clock.now += MISSING_SECONDS + 0.1
        assert await reader.read("shop", "s", "key") == "made"

    async def test_a_missing_key_is_named(self) -> None:
        with pytest.raises(SecretUnavailableError, match="Secret shop/s has no key 'other'"):
            await CachedSecretReader(Cluster().get).read("shop", "s", "other")

    async def test_bytes_that_are_no_text_are_refused_without_telling_them(self) -> None:
        cluster = Cluster()
        cluster.data = {"key": b"\xff\xfe"}
        with pytest.raises(SecretUnavailableError, match="is not UTF-8 text") as caught:
            await CachedSecretReader(cluster.get).read("shop", "s", "key")
        assert "xff" not in str(caught.value)

    async def test_a_read_that_is_forbidden_is_told_and_not_repeated(self) -> None:
        reads = 0

        async def forbid(namespace: str, name: str) -> Mapping[str, bytes] | None:
            nonlocal reads
            reads += 1
            raise SecretUnavailableError("Secret shop/s cannot be read: forbidden")

        reader = CachedSecretReader(forbid)
        for _ in range(2):
            with pytest.raises(SecretUnavailableError, match="forbidden"):
                await reader.read("shop", "s", "key")
        assert reads == 1

    async def test_while_nobody_answers_the_last_value_is_used(self) -> None:
        clock, cluster = Clock(), Cluster()
        reader = CachedSecretReader(cluster.get, clock=clock)
        cluster.error = SecretUnavailableError("gave no answer", unanswered=True)
        with pytest.raises(SecretUnavailableError, match="gave no answer"):
            await reader.read("shop", "s", "key")
        cluster.error = None
        clock.now += MISSING_SECONDS
        assert await reader.read("shop", "s", "key") == "old"

        cluster.error = SecretUnavailableError("gave no answer", unanswered=True)
        clock.now += SECRET_SECONDS
        assert await reader.read("shop", "s", "key") == "old"
        cluster.error = SecretUnavailableError("forbidden")
        clock.now += SECRET_SECONDS
        with pytest.raises(SecretUnavailableError, match="forbidden"):
            await reader.read("shop", "s", "key")


async def test_a_header_takes_its_value_from_the_secret(caller: Caller) -> None:
    caller.secrets["shop/shop-token"] = {"header": VALUE.encode() + b"\n"}
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
        assert result.ok, result.error
        assert server.requests[0].header("Authorization") == VALUE


@pytest.mark.parametrize(
    ("secrets", "error"),
    [
        ({}, "Secret shop/shop-token does not exist"),
        ({"shop/shop-token": {"other": b"x"}}, "Secret shop/shop-token has no key 'header'"),
        ({"elsewhere/shop-token": {"header": b"x"}}, "Secret shop/shop-token does not exist"),
    ],
    ids=["no secret", "no key", "other namespace"],
)
async def test_a_missing_secret_is_a_failed_attempt_that_says_so(
    caller: Caller, secrets: dict[str, dict[str, bytes]], error: str
) -> None:
    caller.secrets.update(secrets)
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
        assert (result.reason, result.error) == (Reason.SECRET_UNAVAILABLE, error)
        assert server.requests == []


async def test_a_value_that_is_no_header_is_refused_without_telling_it(caller: Caller) -> None:
    caller.secrets["shop/shop-token"] = {"header": b"s3cr3t\r\nX-Evil: 1"}
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.http.headers[0]: expected a header value")
        assert "s3cr3t" not in result.error
        assert server.requests == []


@pytest.mark.parametrize(
    "form",
    [
        lambda token: token,
        lambda token: f"got {token} twice: {token}",
        lambda token: json.dumps({"authorization": token}),
        lambda token: quote(token, safe=""),
        lambda token: token.removeprefix("Bearer "),
    ],
    ids=["as it is", "within text", "as json", "in a url", "without the scheme"],
)
async def test_a_target_cannot_make_a_record_tell_a_secret(
    caller: Caller, form: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caller.secrets["shop/shop-token"] = {"header": VALUE.encode()}

    async def echo(exchange: Exchange) -> None:
        token = exchange.request.header("Authorization")
        location = quote(token or "", safe="")
        await exchange.answer(302, form(token).encode(), {"Location": f"/{location}"})  # type: ignore[operator]

    async with target(echo) as server:
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
    told = result.response + result.error + caplog.text
    assert "s3cr3t" not in told
    assert "[redacted]" in result.response
    assert "[redacted]" in result.error


async def test_a_secret_that_the_cap_cuts_is_not_told_either() -> None:
    value = b"0123456789abcdef"

    async def echo(exchange: Exchange) -> None:
        await exchange.answer(200, b"x" * 10 + value)

    async with calling(cap=20) as caller, target(echo) as server:
        caller.secrets["shop/shop-token"] = {"header": value}
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
        assert result.response == "x" * 10 + "[redacted]"


async def test_an_expression_is_matched_before_the_secret_is_taken_out(caller: Caller) -> None:
    # Or the same answer would pass without the header and fail with it.
    caller.secrets["shop/shop-token"] = {"header": b"accepted"}

    async def answer(exchange: Exchange) -> None:
        await exchange.answer(200, b"accepted")

    async with target(answer) as server:
        result = await caller(HttpCallback(url=server.url, headers=(AUTHORIZATION,)))
        assert result.ok
        assert result.response == "[redacted]"


def test_what_is_too_short_to_be_a_secret_stays() -> None:
    redactor = Redactor()
    redactor.add("abc")
    assert redactor.clean("abcdef") == "abcdef"


def test_of_two_secrets_neither_leaves_a_rest() -> None:
    redactor = Redactor()
    redactor.add("token")
    redactor.add("token-and-more")
    assert redactor.clean("token-and-more token") == "[redacted] [redacted]"

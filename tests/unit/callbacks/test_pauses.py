"""What a target or a tenant sends keeps the event loop for a short time at most."""

from collections.abc import Callable

import msgspec
import pytest

from crontask_core.enums import Reason
from crontask_core.spec import Expect, HttpCallback, SecretKeyRef, Tls
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES
from tests.support.loop_pauses import measured_pauses
from tests.support.targets import Certificates, Script, target
from tests.unit.callbacks.calls import Caller, calling
from tests.unit.callbacks.hostile import ANSWERS, CALLBACKS, MIB, SECRET_HEADERS, typed

pytestmark = pytest.mark.on_the_operators_loop

BOUND = 0.25
"""Seconds of CPU. A lease is renewed every few seconds, and a call is due every second."""

NOWHERE = Expect(body_regex="nowhere to be found$")


def fill_secrets(caller: Caller) -> None:
    """Let the secret headers be as long as they may together, and hard to look for."""
    caller.secrets["shop/keys"] = {
        f"key-{number}": b"a" * 990 + b"b" * (number + 1) + b"a" * 990 for number in range(32)
    }


@pytest.mark.parametrize("record_bytes", [1024, 16 * 1024])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_no_answer_keeps_the_loop(answer: Callable[[], Script], record_bytes: int) -> None:
    async with (
        calling(cap=RESPONSE_CAP_BYTES, record_bytes=record_bytes) as caller,
        target(answer()) as server,
    ):
        fill_secrets(caller)
        callback = HttpCallback(url=server.url, headers=SECRET_HEADERS, follow_redirects=1)
        async with measured_pauses() as pauses:
            result = await caller(callback, expect=NOWHERE)
        assert (
            result.reason in (Reason.BODY_MISMATCH, Reason.CONNECTION_ERROR) or result.code == 302
        )
        assert len(server.requests) == 1
        assert pauses.longest < BOUND


@pytest.mark.parametrize("callback", CALLBACKS.values(), ids=CALLBACKS.keys())
async def test_no_spec_keeps_the_loop(caller: Caller, callback: Callable[[], HttpCallback]) -> None:
    async with target() as server:
        path = callback()
        async with measured_pauses() as pauses:
            await caller(msgspec.structs.replace(path, url=server.url + path.url))
        assert pauses.longest < BOUND


async def test_a_long_secret_does_not_keep_the_loop(caller: Caller) -> None:
    # It once took 59 seconds together with an answer of three megabytes.
    async with calling(cap=RESPONSE_CAP_BYTES) as caller, target(ANSWERS["long"]()) as server:
        caller.secrets["shop/keys"] = {"key-0": "ä".encode() * 260_000}
        callback = HttpCallback(url=server.url, headers=SECRET_HEADERS[:1])
        async with measured_pauses() as pauses:
            result = await caller(callback)
        assert result.reason is Reason.SECRET_UNAVAILABLE
        assert result.error == "key 'key-0' of Secret shop/keys is longer than 262144 bytes"
        caller.secrets["shop/keys"]["key-0"] = b"x"
        assert pauses.longest < BOUND


@pytest.mark.parametrize("count", [300, 2000])
async def test_many_certificates_do_not_keep_the_loop(
    caller: Caller, authority: Certificates, count: int
) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode() * count}
    tls = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))
    async with target(tls=authority.server("127.0.0.1")) as server:
        async with measured_pauses() as pauses:
            result = await caller(HttpCallback(url=server.url, tls=tls))
        assert result.ok == (count == 300)
        assert pauses.longest < BOUND


async def test_an_expression_does_not_keep_the_loop() -> None:
    # This one takes RE2 some microseconds for each byte.
    expect = Expect(body_regex=r"(a|b|c|aa|bb|cc|[a-z]z){40}!")
    answer = typed(b"zabc" * (MIB // 4), "utf-8")
    async with calling(cap=RESPONSE_CAP_BYTES) as caller, target(answer) as server:
        async with measured_pauses() as pauses:
            result = await caller(HttpCallback(url=server.url), expect=expect)
        assert result.reason is Reason.BODY_MISMATCH
        assert pauses.longest < BOUND


@pytest.mark.parametrize(
    "answer",
    [ANSWERS["a bomb of gzip"], lambda: typed(b"\x00\xdc" * 8 * MIB, "utf-16-le")],
    ids=["a bomb", "wrong characters"],
)
async def test_a_cap_that_is_set_higher_does_not_change_that(answer: Callable[[], Script]) -> None:
    async with calling(cap=16 * MIB) as caller, target(answer()) as server:
        async with measured_pauses() as pauses:
            result = await caller(HttpCallback(url=server.url), expect=NOWHERE)
        assert result.reason is Reason.BODY_MISMATCH
        assert pauses.longest < BOUND

"""gRPC calls against a real server."""

import asyncio
import base64
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from ipaddress import ip_network

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from crontask_core.enums import Reason, RunType
from crontask_core.spec import Expect, GrpcCallback, Header, SecretKeyRef, Tls
from crontask_operator.callbacks.networks import LOOPBACK
from tests.support.grpc_targets import SERVICE, Call, grpc_target
from tests.support.targets import Certificates, Exchange, certificates, target
from tests.support.wait import eventually
from tests.unit.callbacks.calls import EXECUTION_ID, Caller, attempt_of, calling


def close_orders(
    address: str,
    body: str = "",
    *,
    metadata: tuple[Header, ...] = (),
    tls: Tls | None = None,
) -> GrpcCallback:
    """Return a callback that calls Close."""
    return GrpcCallback(
        address=address, service=SERVICE, method="Close", body=body, metadata=metadata, tls=tls
    )


async def eventually_ok(caller: Caller, callback: GrpcCallback) -> None:
    """Call until it succeeds."""

    async def succeeds() -> bool:
        return (await caller(callback)).ok

    predicate: Callable[[], bool | Awaitable[bool]] = succeeds
    await eventually(predicate)


async def seven_orders(call: Call) -> Message:
    """Answer with content."""
    return call.reply(order_count=7, note="fertig: ü")


async def test_json_goes_in_and_json_comes_out(caller: Caller) -> None:
    body = (
        '{"shopName": "x", "total": {"units": "12345678901"}, "kind": "DAILY",'
        ' "due": "2026-03-01T12:00:00Z", "tags": ["a", "b"]}'
    )
    async with grpc_target(seven_orders) as server:
        result = await caller(close_orders(server.address, body))
        assert result.ok, result.error
        assert (result.code, result.response) == (0, '{"orderCount": 7, "note": "fertig: ü"}')
        (call,) = server.calls
        assert MessageToDict(call.request) == {
            "shopName": "x",
            "total": {"units": "12345678901"},
            "kind": "DAILY",
            "due": "2026-03-01T12:00:00Z",
            "tags": ["a", "b"],
        }


@pytest.mark.parametrize("body", ["", "  ", "{}"])
async def test_no_body_is_an_empty_message(caller: Caller, body: str) -> None:
    async with grpc_target() as server:
        result = await caller(close_orders(server.address, body))
        assert (result.error, result.response) == ("", "{}")


async def test_proto_names_are_understood_too(caller: Caller) -> None:
    async with grpc_target() as server:
        assert (await caller(close_orders(server.address, '{"shop_name": "x"}'))).ok
        assert MessageToDict(server.calls[0].request) == {"shopName": "x"}


async def test_every_call_tells_which_run_it_is(caller: Caller) -> None:
    async with grpc_target() as server:
        await caller(
            close_orders(server.address), task_name="任务", number=2, run_type=RunType.RETRY
        )
        metadata = server.calls[0].metadata
    assert metadata["x-crontask-execution-id"] == EXECUTION_ID
    assert metadata["idempotency-key"] == EXECUTION_ID
    assert metadata["x-crontask-name"] == "%E4%BB%BB%E5%8A%A1"
    assert metadata["x-crontask-attempt"] == "2"
    assert metadata["x-crontask-run-type"] == "Retry"
    assert metadata["user-agent"].startswith("crontask-operator/1.2.3 grpc-python")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"nope": 1}', 'has no field named "nope"'),
        ('{"total": {"nope": 1}}', 'has no field named "nope" at "CloseRequest.total"'),
        ('{"shopName": 1}', "shopName"),
        ('{"kind": "WEEKLY"}', "WEEKLY"),
        ("[1]", "spec.callback.grpc.body"),
        ("{", "Failed to load JSON"),
    ],
)
async def test_a_body_that_does_not_fit_is_told_by_its_field(
    caller: Caller, body: str, error: str
) -> None:
    async with grpc_target() as server:
        result = await caller(close_orders(server.address, body))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.grpc.body: ")
        assert error in result.error
        assert "\n" not in result.error
        assert server.calls == []


class TestExpectations:
    """What counts as success."""

    async def test_the_expression_is_matched_on_the_json(self, caller: Caller) -> None:
        async with grpc_target(seven_orders) as server:
            callback = close_orders(server.address)
            met = await caller(callback, expect=Expect(body_regex='"orderCount": [1-9]'))
            assert met.ok, met.error
            missed = await caller(callback, expect=Expect(body_regex='"orderCount": 8'))
            assert (missed.reason, missed.code) == (Reason.BODY_MISMATCH, 0)

    async def test_status_codes_are_those_of_http_and_do_not_count(self, caller: Caller) -> None:
        async with grpc_target() as server:
            expect = Expect(status_codes=("500",))
            assert (await caller(close_orders(server.address), expect=expect)).ok

    async def test_a_wrong_expression_sends_nothing(self, caller: Caller) -> None:
        async with grpc_target() as server:
            result = await caller(close_orders(server.address), expect=Expect(body_regex="("))
            assert result.reason is Reason.INVALID_REQUEST
            assert server.calls == []

    async def test_a_reply_is_judged_up_to_the_cap(self, caller: Caller) -> None:
        async def long_note(call: Call) -> Message:
            return call.reply(note="ü" * 1000 + "end")

        async with grpc_target(long_note) as server:
            expect = Expect(body_regex="end")
            result = await caller(close_orders(server.address), expect=expect)
            assert (result.reason, result.truncated) == (Reason.BODY_MISMATCH, True)
            assert "which was cut there" in result.error
            assert len(result.response.encode()) <= 1024


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (grpc.StatusCode.NOT_FOUND, Reason.GRPC_ERROR),
        (grpc.StatusCode.UNAVAILABLE, Reason.CONNECTION_ERROR),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Reason.TIMEOUT),
        (grpc.StatusCode.UNAUTHENTICATED, Reason.GRPC_ERROR),
    ],
)
async def test_a_status_is_told_with_its_details(
    caller: Caller, status: grpc.StatusCode, reason: Reason
) -> None:
    async def refuse(call: Call) -> Message:
        await call.context.abort(status, "the shop is open")
        raise AssertionError("abort raises")

    async with grpc_target(refuse) as server:
        result = await caller(close_orders(server.address))
        assert (result.reason, result.code) == (reason, status.value[0])
        assert result.error == f"{status.name}: the shop is open"


async def test_the_timeout_covers_the_whole_attempt(caller: Caller) -> None:
    cancelled = asyncio.Event()

    async def hang(call: Call) -> Message:
        remaining = call.context.time_remaining()
        assert remaining is not None
        assert 0 < remaining < 3
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError("nothing sets the event")

    async with grpc_target(hang) as server:
        result = await caller(close_orders(server.address), timeout_seconds=1)
        assert (result.reason, result.error) == (Reason.TIMEOUT, "no answer within 1 s")
        async with asyncio.timeout(1):
            await cancelled.wait()


async def test_a_cancelled_call_is_cancelled_at_the_server(caller: Caller) -> None:
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(call: Call) -> Message:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError("nothing sets the event")

    async with grpc_target(hang) as server:
        attempt = attempt_of(close_orders(server.address), timeout_seconds=60)
        call = asyncio.create_task(caller.client.call(attempt))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(1):
            await cancelled.wait()


async def test_nobody_listening_is_a_connection_error(caller: Caller) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        result = await caller(close_orders(f"127.0.0.1:{port}"))
    assert (result.reason, result.code) == (Reason.CONNECTION_ERROR, 14)
    assert "Connection refused" in result.error


async def test_a_server_that_comes_back_is_called_again(caller: Caller) -> None:
    async with grpc_target() as first:
        assert (await caller(close_orders(first.address))).ok
    lost = await caller(close_orders(first.address))
    assert lost.reason is Reason.CONNECTION_ERROR
    async with grpc_target(port=first.port) as second:
        await eventually_ok(caller, close_orders(second.address))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", ":443", "http://x:1", "a@b:1", "x:1/y", ""],
)
async def test_an_address_that_is_none_is_told(caller: Caller, address: str) -> None:
    result = await caller(close_orders(address))
    assert result.reason is Reason.INVALID_REQUEST
    assert result.error.startswith("spec.callback.grpc.address: expected host:port")


class TestGuard:
    """Addresses that must not be called."""

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "evil.example"]
    )
    async def test_a_denied_server_is_not_called(self, host: str) -> None:
        names = {"evil.example": [["8.8.8.8", "127.0.0.1"]]}
        async with calling(denied=LOOPBACK, names=names) as caller, grpc_target() as server:
            result = await caller(close_orders(f"{host}:{server.port}"))
            assert result.reason is Reason.ADDRESS_DENIED
            assert server.reflections == []

    async def test_the_checked_address_is_the_one_that_is_called(self) -> None:
        names = {"shop.example": [["127.0.0.1"], ["127.0.0.9"]]}
        denied = (ip_network("127.0.0.9/32"),)
        async with calling(denied=denied, names=names) as caller, grpc_target() as server:
            assert (await caller(close_orders(f"shop.example:{server.port}"))).ok
            assert server.calls[0].peer.startswith("ipv4:127.0.0.1:")

    async def test_the_next_address_of_a_name_is_tried(self) -> None:
        names = {"shop.example": [["127.0.0.1", "127.0.0.2"]]}
        async with calling(names=names) as caller, grpc_target() as server:
            assert (await caller(close_orders(f"shop.example:{server.port}"))).ok


class TestTls:
    """Who a server is."""

    OUR_CA = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))

    async def test_a_server_is_verified_by_the_ca_of_a_secret(
        self, authority: Certificates
    ) -> None:
        names = {"shop.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
        tls = (authority, "shop.example")
        async with calling(names=names) as caller, grpc_target(tls=tls) as server:
            caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
            address = f"shop.example:{server.port}"
            result = await caller(close_orders(address, tls=self.OUR_CA))
            assert result.ok, result.error
            address = f"other.example:{server.port}"
            result = await caller(close_orders(address, tls=self.OUR_CA))
            assert result.reason is Reason.CONNECTION_ERROR
            assert "Hostname Verification Check failed" in result.error

    async def test_another_ca_does_not_do(self, caller: Caller, authority: Certificates) -> None:
        caller.secrets["shop/ca"] = {"ca.crt": certificates().ca_pem.encode()}
        async with grpc_target(tls=(authority, "localhost")) as server:
            address = f"localhost:{server.port}"
            for tls in (self.OUR_CA, Tls()):
                result = await caller(close_orders(address, tls=tls))
                assert result.reason is Reason.CONNECTION_ERROR
                assert "CERTIFICATE_VERIFY_FAILED" in result.error
            assert server.calls == []

    async def test_a_check_may_be_skipped(self, caller: Caller, authority: Certificates) -> None:
        async with grpc_target(tls=(authority, "elsewhere.example")) as server:
            tls = Tls(insecure_skip_verify=True)
            result = await caller(close_orders(f"localhost:{server.port}", tls=tls))
            assert result.ok, result.error

    async def test_a_skipped_check_survives_a_new_certificate(self, caller: Caller) -> None:
        tls = Tls(insecure_skip_verify=True)
        async with grpc_target(tls=(certificates(), "a.example")) as first:
            address = f"localhost:{first.port}"
            assert (await caller(close_orders(address, tls=tls))).ok
        async with grpc_target(tls=(certificates(), "b.example"), port=first.port):
            await eventually_ok(caller, close_orders(address, tls=tls))

    async def test_a_ca_that_does_not_load_is_told(self, caller: Caller) -> None:
        caller.secrets["shop/ca"] = {"ca.crt": b"no certificate"}
        result = await caller(close_orders("localhost:1", tls=self.OUR_CA))
        assert result.reason is Reason.INVALID_REQUEST
        assert "expected certificates in PEM form" in result.error


TOKEN_REF = SecretKeyRef(name="shop-token", key="value")


class TestMetadata:
    """What a spec adds to a call."""

    async def test_values_come_from_the_spec_and_from_secrets(self, caller: Caller) -> None:
        caller.secrets["shop/shop-token"] = {"value": b"Bearer s3cr3t\n"}
        metadata = (
            Header(name="tenant", value="seven"),
            Header(name="authorization", secret_key_ref=TOKEN_REF),
        )
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            assert result.ok, result.error
            assert server.calls[0].metadata["tenant"] == "seven"
            assert server.calls[0].metadata["authorization"] == "Bearer s3cr3t"

    async def test_a_missing_secret_is_told(self, caller: Caller) -> None:
        metadata = (Header(name="authorization", secret_key_ref=TOKEN_REF),)
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            assert result.reason is Reason.SECRET_UNAVAILABLE
            assert result.error == "Secret shop/shop-token does not exist"
            assert server.reflections == []

    @pytest.mark.parametrize("fails", [False, True])
    async def test_a_server_cannot_make_a_record_tell_a_secret(
        self, caller: Caller, fails: bool
    ) -> None:
        caller.secrets["shop/shop-token"] = {"value": b'Bearer s3cr3t"x'}

        async def echo(call: Call) -> Message:
            if fails:
                details = call.metadata["authorization"]
                await call.context.abort(grpc.StatusCode.INVALID_ARGUMENT, details)
            return call.reply(note=call.metadata["authorization"])

        metadata = (Header(name="authorization", secret_key_ref=TOKEN_REF),)
        async with grpc_target(echo) as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            told = result.error if fails else result.response
            assert "[redacted]" in told
            assert "s3cr3t" not in result.error + result.response

    @pytest.mark.parametrize(
        ("entry", "error"),
        [
            (Header(name="x-crontask-attempt", value="9"), "set by the operator"),
            (Header(name="idempotency-key", value="9"), "set by the operator"),
            (Header(name="x_crontask_attempt", value="9"), "set by the operator"),
            (Header(name="grpc-timeout", value="9S"), "set by gRPC"),
            (Header(name="te", value="x"), "set by gRPC"),
            (Header(name="data-bin", value="eA=="), "binary metadata is not supported"),
            (Header(name="bad key", value="x"), "expected a key of letters"),
            (Header(name="tenant", value="ü"), "printable ASCII"),
            (Header(name="tenant", value="a\r\nb"), "printable ASCII"),
        ],
    )
    async def test_an_entry_that_cannot_be_sent_is_refused(
        self, caller: Caller, entry: Header, error: str
    ) -> None:
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=(entry,)))
            assert result.reason is Reason.INVALID_REQUEST
            assert result.error.startswith("spec.callback.grpc.metadata[0]")
            assert error in result.error
            assert server.calls == []


class TestProxy:
    """Calls through a proxy."""

    async def test_a_name_is_left_to_the_proxy(self) -> None:
        async def refuse(exchange: Exchange) -> None:
            await exchange.answer(403)

        async with target(refuse) as proxy:
            url = proxy.url.replace("http://", "http://user:pass@")
            async with calling(proxy=url) as caller:
                result = await caller(close_orders("shop.example:443"))
                assert result.reason is Reason.CONNECTION_ERROR
        (request, *_) = proxy.requests
        assert (request.method, request.target) == ("CONNECT", "shop.example:443")
        basic = "Basic " + base64.b64encode(b"user:pass").decode()
        assert request.header("Proxy-Authorization") == basic

    async def test_the_environment_is_no_setting(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with target() as proxy, grpc_target() as server:
            for name in ("http_proxy", "https_proxy", "grpc_proxy"):
                monkeypatch.setenv(name, proxy.url)
            assert (await caller(close_orders(server.address))).ok
            assert proxy.requests == []

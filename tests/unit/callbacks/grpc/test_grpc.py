"""gRPC calls against a real server."""

import asyncio

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from crontask_core.enums import Reason, RunType
from crontask_core.spec import Expect
from tests.support.grpc_targets import Call, grpc_target
from tests.unit.callbacks.calls import EXECUTION_ID, Caller, attempt_of
from tests.unit.callbacks.grpc.grpc_calls import close_orders


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


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", ":443", "http://x:1", "a@b:1", "x:1/y", ""],
)
async def test_an_address_that_is_none_is_told(caller: Caller, address: str) -> None:
    result = await caller(close_orders(address))
    assert result.reason is Reason.INVALID_REQUEST
    assert result.error.startswith("spec.callback.grpc.address: expected host:port")

"""Which callback an attempt goes to."""

import logging

import grpc
import pytest
from google.protobuf.message import Message

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.base import (
    Attempt,
    BeforeSending,
    CallResult,
    ScriptedCallback,
    nothing,
)
from crontask_operator.callbacks.grpc.method import Method
from crontask_operator.callbacks.http.answer import Answer
from crontask_operator.callbacks.router import CallbackRouter
from tests.support.grpc_targets import Call, grpc_target
from tests.support.targets import Exchange, target
from tests.unit.callbacks.calls import Caller, attempt_of
from tests.unit.callbacks.grpc.grpc_calls import close_orders

HTTP = HttpCallback(url="http://shop.example/")
GRPC = GrpcCallback(address="shop.example:443", service="shop.Orders", method="Close")


async def test_each_protocol_has_its_callback() -> None:
    http, other = ScriptedCallback(), ScriptedCallback()
    router = CallbackRouter(http, other)
    await router.call(attempt_of(HTTP, name="a"))
    await router.call(attempt_of(GRPC, name="b"))
    router.prepare(attempt_of(HTTP, name="c"))
    router.prepare(attempt_of(GRPC, name="d"))
    assert [attempt.name for attempt in http.calls] == ["a"]
    assert [attempt.name for attempt in other.calls] == ["b"]
    assert [attempt.name for attempt in http.prepared] == ["c"]
    assert [attempt.name for attempt in other.prepared] == ["d"]
    await router.close()


class Broken(ScriptedCallback):
    """A callback with a fault of its own."""

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Raise what nobody foresaw."""
        raise RecursionError("s3cr3t")

    def prepare(self, attempt: Attempt) -> None:
        """Raise what nobody foresaw."""
        raise RecursionError("s3cr3t")


@pytest.mark.parametrize("callback", [HTTP, GRPC])
async def test_a_callback_that_raises_has_made_an_attempt(
    callback: HttpCallback | GrpcCallback, caplog: pytest.LogCaptureFixture
) -> None:
    router = CallbackRouter(Broken(), Broken())
    router.prepare(attempt_of(callback))
    result = await router.call(attempt_of(callback))
    assert result.reason is Reason.INTERNAL_ERROR
    assert result.error == "the operator failed with RecursionError; its log has the details"
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


async def test_what_came_before_a_fault_is_kept(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RecursionError

    async def busy(exchange: Exchange) -> None:
        await exchange.answer(503, b"", {"Retry-After": "7"})

    monkeypatch.setattr(Answer, "read", fail)
    async with target(busy) as server:
        result = await caller(HttpCallback(url=server.url))
    assert (result.reason, result.code, result.retry_after) == (Reason.INTERNAL_ERROR, 503, 7)
    assert "The call failed within the operator." in caplog.text


@pytest.mark.parametrize("status", [grpc.StatusCode.OK, grpc.StatusCode.ABORTED])
async def test_the_status_that_came_before_a_fault_is_kept(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, status: grpc.StatusCode
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError

    async def end(call: Call) -> Message:
        if status is not grpc.StatusCode.OK:
            await call.context.abort(status, "try again")
        return call.reply()

    monkeypatch.setattr(Method, "reply", fail)
    monkeypatch.setattr("crontask_operator.callbacks.grpc.client.failed", fail)
    async with grpc_target(end) as server:
        result = await caller(close_orders(server.address))
    assert (result.reason, result.code) == (Reason.INTERNAL_ERROR, status.value[0])

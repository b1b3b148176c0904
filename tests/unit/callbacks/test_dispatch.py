"""Which callback an attempt goes to."""

import logging

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.base import Attempt, CallResult, ScriptedCallback
from crontask_operator.callbacks.dispatch import CallbackRouter
from tests.unit.callbacks.calls import attempt_of

HTTP = HttpCallback(url="http://shop.example/")
GRPC = GrpcCallback(address="shop.example:443", service="shop.Orders", method="Close")


async def test_each_protocol_has_its_callback() -> None:
    http, grpc = ScriptedCallback(), ScriptedCallback()
    router = CallbackRouter(http, grpc)
    await router.call(attempt_of(HTTP, name="a"))
    await router.call(attempt_of(GRPC, name="b"))
    assert [attempt.name for attempt in http.calls] == ["a"]
    assert [attempt.name for attempt in grpc.calls] == ["b"]
    await router.close()


class Broken(ScriptedCallback):
    """A callback with a fault in its code."""

    async def call(self, attempt: Attempt) -> CallResult:
        """Fail."""
        raise ZeroDivisionError("value of a secret")


async def test_an_unexpected_error_ends_one_attempt_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = CallbackRouter(Broken(), ScriptedCallback())
    with caplog.at_level(logging.ERROR):
        result = await router.call(attempt_of(HTTP))
    assert result.reason is Reason.INTERNAL_ERROR
    assert result.error == "the operator failed with ZeroDivisionError; its log has the details"
    assert "shop/nightly" in caplog.text

"""Which callback an attempt goes to."""

from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.base import ScriptedCallback
from crontask_operator.callbacks.dispatch import CallbackRouter
from tests.unit.callbacks.calls import attempt_of

HTTP = HttpCallback(url="http://shop.example/")
GRPC = GrpcCallback(address="shop.example:443", service="shop.Orders", method="Close")


async def test_each_protocol_has_its_callback() -> None:
    http, grpc = ScriptedCallback(), ScriptedCallback()
    router = CallbackRouter(http, grpc)
    await router.call(attempt_of(HTTP, name="a"))
    await router.call(attempt_of(GRPC, name="b"))
    router.prepare(attempt_of(HTTP, name="c"))
    router.prepare(attempt_of(GRPC, name="d"))
    assert [attempt.name for attempt in http.calls] == ["a"]
    assert [attempt.name for attempt in grpc.calls] == ["b"]
    assert [attempt.name for attempt in http.prepared] == ["c"]
    assert [attempt.name for attempt in grpc.prepared] == ["d"]
    await router.close()

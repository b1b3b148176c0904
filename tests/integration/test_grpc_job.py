"""A gRPC task from kubectl to its record, with a real operator and a real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from google.protobuf.message import Message

from dev.control_plane import ControlPlane
from tests.support.crontasks import CronTasks, task
from tests.support.grpc_targets import SERVICE, Call, grpc_target
from tests.support.programs import run_operator
from tests.support.wait import eventually

PAST = "2026-01-01T00:00:00Z"


async def seven_orders(call: Call) -> Message:
    """Answer with content."""
    return call.reply(order_count=7)


@asynccontextmanager
async def tasks_of(control_plane: ControlPlane, namespace: str) -> AsyncIterator[CronTasks]:
    """The tasks of `namespace`, with an operator for them."""
    with run_operator(control_plane, namespace), control_plane.client() as client:
        yield CronTasks(client, namespace)


async def test_a_unary_method_is_called_by_reflection(
    control_plane: ControlPlane, namespace: str
) -> None:
    async with (
        grpc_target(seven_orders) as server,
        tasks_of(control_plane, namespace) as tasks,
    ):
        grpc = {"address": server.address, "service": SERVICE, "method": "Close"}
        for name, expect in [("good", '"orderCount": 7'), ("bad", '"orderCount": 8')]:
            spec = task(
                schedule=None, at=PAST, callback={"grpc": grpc}, expect={"bodyRegex": expect}
            )
            tasks.create(spec, name).raise_for_status()
        await eventually(lambda: tasks.status("good").get("phase") == "Succeeded")
        await eventually(lambda: tasks.status("bad").get("phase") == "Failed")
        (good,) = tasks.status("good")["runs"]
        (bad,) = tasks.status("bad")["runs"]
    assert (good["code"], good["response"]) == (0, '{"orderCount": 7}')
    assert good["url"] == f"{server.address}/{SERVICE}/Close"
    assert bad["reason"] == "BodyMismatch"

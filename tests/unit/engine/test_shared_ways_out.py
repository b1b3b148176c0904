"""What one namespace has to record, to tell and to read holds no other's up."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from crontask_kube.errors import ApiError, RefusedError, refusal
from crontask_operator.kube.events import WAITING, EventSender
from crontask_operator.kube.objects import READS, Objects
from crontask_operator.kube.status_store import StatusStore
from crontask_operator.process.metrics import REGISTRY
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import new_state
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


def task_of(namespace: str, number: int) -> TaskState:
    metadata = {
        "uid": f"{namespace}-{number}",
        "namespace": namespace,
        "name": f"task-{number}",
        "creationTimestamp": "2026-03-01T12:00:00Z",
    }
    return new_state({"metadata": metadata}, 1)


async def test_a_thousand_records_of_one_namespace_do_not_delay_anothers(world: World) -> None:
    world.settings = world.settings.model_copy(update={"writers": 1})
    for number in range(300):
        world.api.create(f"many-{number}", namespace="many", at="2026-03-01T12:00:10Z")
    world.api.create("one", namespace="other", at="2026-03-01T12:00:10Z")
    async with world.operator() as engine:
        await world.until(10.15)
        assert engine.recorder.waiting > 200
        assert world.api.runs("one") == ["Scheduled 1 Succeeded"]


async def test_a_namespace_that_may_not_be_written_to_slows_no_other(world: World) -> None:
    world.api.refuses = "locked"
    for number in range(50):
        world.api.create(f"locked-{number}", namespace="locked", schedule="* * * * * *")
    world.api.create("one", namespace="other", schedule="* * * * * *", historyLimit=100)
    async with world.operator():
        await world.until(20.5)
    assert world.api.status("one")["counters"]["succeeded"] == 20


class Api:
    """An API server that answers when it is told to, or with `refusal`."""

    def __init__(self, refusal: ApiError | None = None) -> None:
        self.asked: list[str] = []
        self.refusal = refusal
        self.answers = asyncio.Event()
        self.answers.set()

    async def request(
        self, method: str, path: str, *, body: bytes | None = None, **_: Any
    ) -> bytes:
        self.asked.append(path)
        if self.refusal is not None:
            raise self.refusal
        await self.answers.wait()
        return json.dumps({"data": {}}).encode()


async def test_that_rights_lack_is_a_refusal_of_one_write() -> None:
    store = StatusStore(Api(refusal(403, b"")))  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        await store.write("locked", "task", b"{}")


async def test_a_flood_of_events_leaves_room_for_anothers_and_takes_turns(world: World) -> None:
    before = REGISTRY.get_sample_value("crontask_share_used_up_total", {"pool": "events"}) or 0
    api = Api()

    async def caught_up() -> None:
        pass

    sender = EventSender(api, world.clock, caught_up, instance="me")
    for number in range(2 * WAITING):
        sender.notify(task_of("many", number), Notice.RUN_FAILED, "It failed.")
    sender.notify(task_of("other", 1), Notice.RUN_FAILED, "It failed.")
    sending = asyncio.create_task(sender.run())
    await asyncio.sleep(1)
    sending.cancel()
    assert "/namespaces/other/" in api.asked[1]
    assert len(api.asked) == WAITING // 2 + 1
    after = REGISTRY.get_sample_value("crontask_share_used_up_total", {"pool": "events"})
    assert after == before + 2 * WAITING - WAITING // 2


async def test_events_are_sent_while_runs_are_due_without_end(world: World) -> None:
    api = Api()
    sender = EventSender(api, world.clock, asyncio.Event().wait, instance="me")  # type: ignore[arg-type]
    sender.notify(task_of("other", 1), Notice.RUN_FAILED, "It failed.")
    sending = asyncio.create_task(sender.run())
    await asyncio.sleep(15)
    sending.cancel()
    assert len(api.asked) == 1


async def test_secrets_of_one_namespace_leave_reads_for_another() -> None:
    api = Api()
    api.answers.clear()
    objects = Objects(api, 0.5)  # type: ignore[arg-type]
    many = [asyncio.create_task(objects.secret("many", f"secret-{n}")) for n in range(100)]
    await asyncio.sleep(0)
    other: asyncio.Task[Mapping[str, bytes] | None] = asyncio.create_task(
        objects.config_map("other", "types")
    )
    await asyncio.sleep(0.001)
    assert len(api.asked) == READS // 2 + 1
    assert "/namespaces/other/" in api.asked[-1]
    api.answers.set()
    assert await other == {}
    assert await asyncio.gather(*many) == [{}] * 100

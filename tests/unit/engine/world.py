"""A small world for the engine: a clock, an API server in memory, and targets.

Time is the event loop's, which looptime moves without waiting. The API server keeps
objects as JSON, applies merge patches as RFC 7386 says, refuses writes that were
computed for another version, and sends every change back as an event.
"""

import asyncio
import copy
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crontask_core.constants import RUN_REQUEST_ANNOTATION
from crontask_core.enums import Reason
from crontask_core.times import rfc3339
from crontask_kube.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.engine.engine import Engine
from crontask_operator.kube.status_store import StoredTask, read_task
from crontask_operator.process.settings import Settings
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
"""The moment at which every story begins."""

OK = CallResult(reason=Reason.OK, code=200, response="fine")
FAIL = CallResult(reason=Reason.UNEXPECTED_STATUS, code=500, error="expected 2xx, got 500")


class LoopClock:
    """Wall time that moves with the event loop."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._zero: float | None = None

    def now(self) -> datetime:
        time = asyncio.get_running_loop().time()
        if self._zero is None:
            # Looked at first by the test itself: looptime does not rule in fixtures.
            self._zero = time
        return self._start + timedelta(seconds=round(time - self._zero, 3))


@dataclass
class Answer:
    """What a target does with a call: it answers `result` after `seconds`."""

    result: CallResult = OK
    seconds: float = 0.05


@dataclass
class Targets:
    """Answers of the targets by task name; the last one of a list repeats."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    calls: list[tuple[datetime, Attempt]] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: START
    connect_seconds: float = 0

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        if self.connect_seconds:
            await asyncio.sleep(self.connect_seconds)
        before_sending()
        earlier = sum(1 for _, call in self.calls if call.name == attempt.name)
        self.calls.append((self.now(), attempt))
        answers = self.answers.get(attempt.name, [Answer()])
        answer = answers[min(earlier, len(answers) - 1)]
        await asyncio.sleep(answer.seconds)
        return answer.result

    def prepare(self, attempt: Attempt) -> None:
        self.prepared.append(attempt.name)

    async def close(self) -> None:
        pass

    def times(self, name: str = "task") -> list[str]:
        """Return when task `name` was called: run type, attempt and seconds since START."""
        return [
            f"{call.run_type} {call.attempt} at {(when - START).total_seconds():g}"
            for when, call in self.calls
            if call.name == name
        ]


class ApiServer:
    """CronTasks in memory, and faults on demand."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._versions = itertools.count(1)
        self.objects: dict[str, dict[str, Any]] = {}
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.away = False
        self.refuses = ""
        """A namespace in which no status may be written."""
        self.deaf = False
        """Writes are made, and their answers are lost."""
        self.answer_seconds: list[float] = []
        """How long the answers to the next writes take after they were made."""
        self.max_bytes = 1_500_000
        self.writes = 0

    def create(
        self,
        name: str = "task",
        *,
        namespace: str = "default",
        created: datetime | None = None,
        **spec: Any,
    ) -> str:
        """Create a task; fields of the spec are given in camel case."""
        spec.setdefault("callback", {"http": {"url": f"http://target.example/{name}"}})
        body = {
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"uid-{name}",
                "generation": 1,
                "creationTimestamp": rfc3339((created or self._now()).replace(microsecond=0)),
            },
            "spec": spec,
        }
        self.objects[name] = body
        self._changed(body)
        return name

    def change(self, name: str = "task", **spec: Any) -> None:
        """Change fields of a task's spec; None removes one."""
        body = self.objects[name]
        before = copy.deepcopy(body["spec"])
        _merge(body["spec"], spec)
        if body["spec"] != before:
            body["metadata"]["generation"] += 1
        self._changed(body)

    def request_run(self, name: str, value: str) -> None:
        """Annotate a task as ``kubectl annotate`` does."""
        annotations = self.objects[name]["metadata"].setdefault("annotations", {})
        annotations[RUN_REQUEST_ANNOTATION] = value
        self._changed(self.objects[name])

    def status(self, name: str = "task") -> dict[str, Any]:
        """Return the status that the API holds."""
        found = self.objects[name].get("status", {})
        assert isinstance(found, dict)
        return found

    def runs(self, name: str = "task") -> list[str]:
        """Return the records, newest first, each as run type, attempt and status."""
        return [
            f"{run['runType']} {run['attempt']} {run['status']}"
            for run in self.status(name).get("runs", [])
        ]

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        await asyncio.sleep(0.005)
        if self.away:
            raise UnavailableError("the API server is away")
        body = self.objects.get(name)
        if body is None:
            raise NotFoundError(f"{name} not found")
        if namespace == self.refuses:
            raise RefusedError(f"{name} is forbidden")
        content = json.loads(patch)
        if content["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            raise ConflictError(f"{name} was modified")
        changed = copy.deepcopy(body)
        _merge(changed, {"status": content["status"]})
        if len(json.dumps(changed)) > self.max_bytes:
            raise TooLargeError("etcdserver: request is too large")
        self.writes += 1
        self.objects[name] = changed
        version = self._changed(changed)
        if self.answer_seconds:
            await asyncio.sleep(self.answer_seconds.pop(0))
        if self.deaf:
            raise UnavailableError("the answer was lost", sent=True)
        return version

    async def read(self, namespace: str, name: str, uid: str) -> StoredTask:
        await asyncio.sleep(0.005)
        if self.away:
            raise UnavailableError("the API server is away")
        body = self.objects.get(name)
        if body is None or body["metadata"]["uid"] != uid:
            raise NotFoundError(f"{name} not found")
        return read_task(json.dumps(body).encode())

    def _changed(self, body: dict[str, Any]) -> str:
        version = str(next(self._versions))
        body["metadata"]["resourceVersion"] = version
        event = copy.deepcopy(body)
        for listener in self.listeners:
            asyncio.get_running_loop().call_later(0.002, listener, event)
        return version


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    """Apply a merge patch (RFC 7386)."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            inner = target.get(key)
            if not isinstance(inner, dict):
                inner = target[key] = {}
            _merge(inner, value)
        else:
            target[key] = copy.deepcopy(value)


class Lease:
    """A lease that a test gives and takes."""

    def __init__(self) -> None:
        self.valid = True

    def owns(self, shard: int) -> bool:
        return self.valid


@dataclass
class World:
    """An engine and everything around it."""

    clock: LoopClock
    api: ApiServer
    targets: Targets
    lease: Lease
    settings: Settings
    deleted: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def operator(
        self, lease: Lease | None = None, *, acquired: bool = True
    ) -> AsyncIterator[Engine]:
        """Run an operator that sees all objects, and kill it without a farewell.

        It owns the shard from the beginning unless `acquired` is false.
        """
        engine = Engine(
            settings=self.settings,
            clock=self.clock,
            callback=self.targets,
            store=self.api,
            ownership=lease or self.lease,
            delete=self._delete,
            notify=self._notify,
        )
        writing = asyncio.create_task(engine.recorder.run())
        if acquired:
            engine.on_acquired(0, "")
        for body in list(self.api.objects.values()):
            engine.observe(copy.deepcopy(body))
        self.api.listeners.append(engine.observe)
        try:
            yield engine
        finally:
            self.api.listeners.remove(engine.observe)
            engine.close()
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    def _delete(self, state: TaskState) -> None:
        self.deleted.append(state.name)

    def _notify(self, state: TaskState, notice: Notice, message: str) -> None:
        self.notices.append(f"{notice.reason}: {message}")

    async def until(self, seconds: float) -> None:
        """Let time pass until `seconds` after START."""
        remaining = (START + timedelta(seconds=seconds) - self.clock.now()).total_seconds()
        await asyncio.sleep(remaining)


def new_world() -> World:
    """Return a world at START, with an empty API server."""
    clock = LoopClock(START)
    api, targets = ApiServer(clock.now), Targets(now=clock.now)
    return World(clock=clock, api=api, targets=targets, lease=Lease(), settings=Settings())

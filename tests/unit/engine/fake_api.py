"""An API server in memory for the engine's stories.

It keeps objects as JSON, applies merge patches as RFC 7386 says, refuses writes that were
computed for another version, and sends every change back as an event.
"""

import asyncio
import copy
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from crontask_core.constants import REDRIVE_ANNOTATION, RUN_REQUEST_ANNOTATION
from crontask_core.redrive import Redrive, format_redrives
from crontask_core.times import rfc3339
from crontask_kube.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from crontask_operator.kube.status_store import StoredTask, read_task
from crontask_operator.task.listing import Listed, Page
from crontask_operator.task.watch_event import Body
from tests.support.crontasks import new_status

VERSION = "resourceVersion"


class ApiServer:
    """CronTasks in memory, and faults on demand."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._versions = itertools.count(1)
        self.objects: dict[str, dict[str, Any]] = {}
        self._events: deque[tuple[Callable[[dict[str, Any]], None], dict[str, Any]]] = deque()
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.away = False
        self.lists = True
        """Whether listings are answered."""
        self.hidden = ""
        """The one namespace that is watched, and may not be listed."""
        self.refuses = ""
        """A namespace in which no status may be written."""
        self.refusals: dict[str, ApiError] = {}
        """What writes of the status of single tasks are answered with."""
        self.write_seconds = 0.005
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
            "status": new_status(),
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

    def redrive(self, name: str, *redrives: Redrive) -> None:
        """Ask for runs to be made again, as the facade does."""
        annotations = self.objects[name]["metadata"].setdefault("annotations", {})
        annotations[REDRIVE_ANNOTATION] = format_redrives(redrives)
        self._changed(self.objects[name])

    def status(self, name: str = "task") -> dict[str, Any]:
        """Return the status that the API holds."""
        found: dict[str, Any] = self.objects[name]["status"]
        return found

    def runs(self, name: str = "task") -> list[str]:
        """Return the records, newest first, each as run type, attempt and status."""
        return [
            f"{run['runType']} {run['attempt']} {run['status']}"
            for run in self.status(name).get("runs", [])
        ]

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        await asyncio.sleep(self.write_seconds)
        if self.away:
            raise UnavailableError("the API server is away")
        body = self.objects.get(name)
        if body is None:
            raise NotFoundError(f"{name} not found")
        if name in self.refusals:
            raise self.refusals[name]
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

    async def pages(self) -> AsyncIterator[Page]:
        """List all tasks as they are now, in pages of two."""
        if self.hidden:
            # As if that namespace were the only one that is watched.
            return
        async for page in self.pages_of(None):
            yield page

    async def pages_of(self, namespace: str | None) -> AsyncIterator[Page]:
        """List the tasks of a namespace as they are now, in pages of two."""
        await asyncio.sleep(0)
        if not self.lists:
            await asyncio.Event().wait()
        if self.away:
            raise UnavailableError("the API server is away")
        listed = [
            Listed(*(body["metadata"][key] for key in ("uid", "namespace", "name", VERSION)))
            for body in self.objects.values()
            if namespace in (None, body["metadata"]["namespace"])
        ]
        # Other objects were written since the last task.
        version = str(next(self._versions))
        for begin in range(0, max(len(listed), 1), 2):
            page = tuple(listed[begin : begin + 2])
            yield Page(namespace, version, page, is_last=begin + 2 >= len(listed))

    async def body(self, namespace: str, name: str) -> Body:
        await asyncio.sleep(0.005)
        if name not in self.objects:
            raise NotFoundError(f"{name} not found")
        return copy.deepcopy(self.objects[name])

    def _changed(self, body: dict[str, Any]) -> str:
        version = str(next(self._versions))
        body["metadata"][VERSION] = version
        event = copy.deepcopy(body)
        for listener in self.listeners:
            # Timers of one moment run in any order, and events come in theirs.
            self._events.append((listener, event))
            asyncio.get_running_loop().call_later(0.002, self._deliver)
        return version

    def _deliver(self) -> None:
        listener, event = self._events.popleft()
        listener(event)


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

"""A small world for the engine: a clock, an API server in memory, and targets.

Time is the event loop's, which looptime moves without waiting.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crontask_core.enums import Reason
from crontask_history.store import Retention
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.engine.engine import Engine
from crontask_operator.engine.historian import Historian
from crontask_operator.history.attempt_rows import AttemptRows
from crontask_operator.history.history_writer import HistoryWriter
from crontask_operator.process.settings import Settings
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState
from tests.unit.engine.fake_api import ApiServer
from tests.unit.history.memory import MemoryHistory

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
"""The moment at which every story begins."""

OK = CallResult(reason=Reason.OK, code=200, response="fine")
FAIL = CallResult(reason=Reason.UNEXPECTED_STATUS, code=500, error="expected 2xx, got 500")


class LoopClock:
    """Wall time that moves with the event loop, `ahead_seconds` ahead of what is right."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.ahead_seconds = 0.0
        self._zero: float | None = None

    def now(self) -> datetime:
        time = asyncio.get_running_loop().time()
        if self._zero is None:
            # Looked at first by the test itself: looptime does not rule in fixtures.
            self._zero = time
        return self._start + timedelta(seconds=round(time - self._zero + self.ahead_seconds, 3))


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
    historian: Historian | None = None
    history: MemoryHistory | None = None
    """The history of all operators; None: none is kept."""
    handed_back: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def operator(
        self, lease: Lease | None = None, *, acquired: bool = True
    ) -> AsyncIterator[Engine]:
        """Run an operator that sees all objects, and kill it without a farewell.

        It owns the shard from the beginning unless `acquired` is false.
        """
        historian, writing = self.historian, []
        if self.history is not None:
            rows = HistoryWriter(
                self.history, Retention(), lambda: engine.caught_up(), self.clock.now
            )
            historian = AttemptRows(rows, text_bytes=2000, replica="operator-0")
            writing.append(rows.run())
        engine = Engine(
            settings=self.settings,
            clock=self.clock,
            callback=self.targets,
            store=self.api,
            ownership=lease or self.lease,
            inventory=self.api,
            hand_back=self.handed_back.append,
            delete=self._delete,
            notify=self._notify,
            history=historian,
        )
        working = asyncio.gather(engine.recorder.run(), engine.view_check.run(), *writing)
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
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def _delete(self, state: TaskState) -> None:
        self.deleted.append(state.name)

    def _notify(self, state: TaskState, notice: Notice, message: str) -> None:
        self.notices.append(f"{notice.reason}: {message}")

    async def until(self, seconds: float) -> None:
        """Let time pass until `seconds` after START."""
        remaining = (START + timedelta(seconds=seconds) - self.clock.now()).total_seconds()
        await asyncio.sleep(remaining + self.clock.ahead_seconds)


def new_world() -> World:
    """Return a world at START, with an empty API server."""
    clock = LoopClock(START)
    api, targets = ApiServer(clock.now), Targets(now=clock.now)
    return World(clock=clock, api=api, targets=targets, lease=Lease(), settings=Settings())

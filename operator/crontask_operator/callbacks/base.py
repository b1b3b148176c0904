"""base says what a callback is to the engine: it takes one attempt and returns one result.

A callback is a transport in httpx's sense. The runner decides when to call, whether
to try again and what to record; a callback only speaks a protocol.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crontask_core.enums import Reason, RunType
from crontask_core.spec import CronTaskSpec


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to make.

    `execution_id` is the same over the retries of a run and over restarts; `attempt`
    counts from 1. `scheduled_time` is the moment the run was due, aware, in UTC. `redrive_of`
    is the execution id of the run that is made again by this one, if there is one.
    """

    namespace: str
    name: str
    uid: str
    spec: CronTaskSpec
    execution_id: str
    run_type: RunType
    attempt: int
    scheduled_time: datetime
    redrive_of: str = ""

    @property
    def task_name(self) -> str:
        """The name that people gave the task; the object's, unless the spec has one."""
        return self.spec.task_name or self.name


BeforeSending = Callable[[], None]
"""To be called right before a request is sent. It raises `asyncio.CancelledError` if the
task is not this process's any more: a process that was stopped while it connected must
not send when it goes on."""


def nothing() -> None:
    """Do nothing before a request is sent."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """How an attempt ended.

    `response` is the beginning of the answer's text, as much as a record may keep;
    `response_bytes` is the size of all that was read, if that was more. `truncated` is
    whether there was even more than that. `code` is the HTTP or gRPC status. `error` is a
    sentence for a person, empty on success. `retry_after` is the target's wish in seconds,
    if it sent one.
    """

    reason: Reason
    code: int | None = None
    response: str = ""
    response_bytes: int | None = None
    truncated: bool = False
    error: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer met ``expect``."""
        return self.reason is Reason.OK


class Callback(Protocol):
    """Something that can make an attempt."""

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt within ``spec.timeoutSeconds``.

        Every fault of the target, the network or the spec becomes a `CallResult`;
        only `asyncio.CancelledError` leaves this method.
        """

    def prepare(self, attempt: Attempt) -> None:
        """Do ahead of time what a call like this one needs.

        It takes no time to speak of and does not fail: a fault in the spec is the call's
        to tell.
        """

    async def close(self) -> None:
        """Release connections. No call may follow."""


@dataclass(slots=True)
class ScriptedCallback:
    """A callback that answers from a script, shipped for tests as httpx ships a mock.

    Answers are taken per task name in order, the last one repeats; a name without a
    script gets `default`. Every attempt is kept in `calls`, and in `prepared` what was
    prepared.
    """

    script: Mapping[str, list[CallResult]] = field(default_factory=dict)
    default: CallResult = CallResult(reason=Reason.OK, code=200)
    calls: list[Attempt] = field(default_factory=list)
    prepared: list[Attempt] = field(default_factory=list)

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Return the next scripted answer."""
        earlier = sum(1 for call in self.calls if call.name == attempt.name)
        self.calls.append(attempt)
        answers = self.script.get(attempt.name) or [self.default]
        return answers[min(earlier, len(answers) - 1)]

    def prepare(self, attempt: Attempt) -> None:
        """Take note of the attempt."""
        self.prepared.append(attempt)

    async def close(self) -> None:
        """Do nothing: a script holds no connection."""

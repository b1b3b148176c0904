"""watch_tasks yields what happens to CronTasks as it happens, for the console.

The API server is asked to end each watch after a while, so that a connection which works
is heard of that often, even if nothing happens to any task. One that stays silent for
longer has been lost without a word, as behind a firewall that has forgotten it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from crontask_api.kube.client import collection_path
from crontask_api.kube.objects import CronTask
from crontask_api.kube.session import RetryingSession
from crontask_kube.errors import UnavailableError, decoded, refusal

LATE_SECONDS: Final = 15.0
"""A watch that brings nothing for so much longer than it was to last is lost."""


class Happened(StrEnum):
    """Kinds of events, as the API server names them."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    """Nothing; the version from which a later watch may go on."""
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """What happened; `task` is None for a bookmark."""

    kind: Happened
    version: str
    task: CronTask | None = None


class _Line(msgspec.Struct, frozen=True):
    type: Happened
    object: msgspec.Raw


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    resource_version: str = ""


class _Mark(msgspec.Struct, frozen=True):
    metadata: _Meta


class _Failure(msgspec.Struct, frozen=True):
    code: int = 500


_LINE: Final = msgspec.json.Decoder(_Line)
_TASK: Final = msgspec.json.Decoder(CronTask)
_MARK: Final = msgspec.json.Decoder(_Mark)
_FAILURE: Final = msgspec.json.Decoder(_Failure)


async def watch_tasks(
    session: RetryingSession,
    namespace: str | None,
    version: str,
    *,
    seconds: int,
    late_seconds: float = LATE_SECONDS,
) -> AsyncGenerator[TaskEvent, None]:
    """Yield what happens after `version` in `namespace`, or everywhere if that is None.

    It ends when the API server ends the watch in order, after about `seconds`.

    Raises
    ------
    InvalidError
        With status 410 if `version` is too old: the tasks have to be listed anew.
    ApiError
        If the API server refuses, is away, or is silent for `late_seconds` longer.
    """
    query = {
        "allowWatchBookmarks": "true",
        "resourceVersion": version,
        "timeoutSeconds": str(seconds),
        "watch": "true",
    }
    async with aclosing(session.lines(collection_path(namespace), query)) as lines:
        while True:
            try:
                async with asyncio.timeout(seconds + late_seconds):
                    line = await anext(lines)
            except StopAsyncIteration:
                return
            except TimeoutError as silence:
                raise UnavailableError("the watch of the tasks brings nothing") from silence
            if line:
                yield _event(line)


def _event(line: bytes) -> TaskEvent:
    event = decoded(_LINE, line)
    if event.type is Happened.ERROR:
        raise refusal(decoded(_FAILURE, event.object).code, event.object)
    if event.type is Happened.BOOKMARK:
        return TaskEvent(event.type, decoded(_MARK, event.object).metadata.resource_version)
    task = decoded(_TASK, event.object)
    return TaskEvent(event.type, task.metadata.resource_version, task)

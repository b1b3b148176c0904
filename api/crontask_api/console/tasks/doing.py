"""do_to does one thing to many tasks, by the services that the HTTP API uses, for a page."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

import structlog

from crontask_api.auth.authenticator import Verb
from crontask_api.codes import Code, Enable
from crontask_api.console.frame.rights import may
from crontask_api.console.frame.visit import Visit
from crontask_api.console.live.row import Key
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.context import Context
from crontask_api.service.delete_task import delete_tasks
from crontask_api.service.run_again_task import run_again_tasks
from crontask_api.service.switch_task import switch_tasks
from crontask_api.web.ticket import TICKET

AT_ONCE: Final = 50
"""Tasks that are worked on before it is told how far it is."""

_log: Final = structlog.get_logger(__name__)


class Action(StrEnum):
    """What can be done to a task."""

    PAUSE = "pause"
    RESUME = "resume"
    RUN = "run"
    DELETE = "delete"


VERBS: Final = {
    Action.PAUSE: Verb.PATCH,
    Action.RESUME: Verb.PATCH,
    Action.RUN: Verb.PATCH,
    Action.DELETE: Verb.DELETE,
}

_Work = Callable[[Context, list[Any]], Coroutine[Any, Any, Sequence[TaskResult]]]


@dataclass(frozen=True, slots=True)
class Result:
    """How it went for one task; `error` is empty if it was done."""

    key: Key
    title: str
    error: str


async def do_to(visit: Visit, action: Action, keys: Sequence[Key]) -> AsyncIterator[list[Result]]:
    """Yield how it went for the tasks `keys`, some at a time.

    What the visitor may not do is an error of each task, as is what the API server refuses.
    """
    for namespace, group in groupby(sorted(keys), key=lambda key: key[0]):
        is_allowed = await may(visit, VERBS[action], namespace)
        names = list(group)
        for begin in range(0, len(names), AT_ONCE):
            some = names[begin : begin + AT_ONCE]
            results = (
                await _done(visit, action, namespace, some)
                if is_allowed
                else [_refused(visit, action, key) for key in some]
            )
            for result in results:
                _report(visit, action, result)
            yield results


async def _done(visit: Visit, action: Action, namespace: str, keys: Sequence[Key]) -> list[Result]:
    work = _WORK[action]
    results = await work(context_of(visit, namespace), [{"task_id": name} for _, name in keys])
    return [
        Result(key, result.name or key[1], "" if result.code is Code.OK else result.err)
        for key, result in zip(keys, results, strict=True)
    ]


def _refused(visit: Visit, action: Action, key: Key) -> Result:
    verb = VERBS[action]
    return Result(key, key[1], f"{visit.identity.name} may not {verb} tasks of {key[0]}")


def _report(visit: Visit, action: Action, result: Result) -> None:
    namespace, name = result.key
    _log.info(
        "changed by the console",
        user=visit.identity.name,
        action=action.value,
        namespace=namespace,
        task=name,
        error=result.error,
    )


def context_of(visit: Visit, namespace: str) -> Context:
    """Return what the services need to know of a visit to the tasks of `namespace`."""
    console = visit.console
    rights = console.authenticator
    return Context(
        client=console.client,
        namespace=namespace,
        time_zone=console.settings.time_zone,
        timeout_seconds=console.settings.request_timeout_seconds,
        hold_answer=visit.request.scope[TICKET].hold_answer,
        may_read_secret=lambda name: rights.may_read_secret(visit.identity, namespace, name),
        may_read_tasks=lambda: rights.may_read_tasks(visit.identity, namespace),
        history=console.history,
    )


async def _pause(context: Context, items: list[Any]) -> Sequence[TaskResult]:
    return await switch_tasks(context, items, Enable.OFF)


async def _resume(context: Context, items: list[Any]) -> Sequence[TaskResult]:
    return await switch_tasks(context, items, Enable.ON)


_WORK: Final[dict[Action, _Work]] = {
    Action.PAUSE: _pause,
    Action.RESUME: _resume,
    Action.RUN: run_again_tasks,
    Action.DELETE: delete_tasks,
}

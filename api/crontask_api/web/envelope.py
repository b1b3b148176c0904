"""Envelope gives every answer the form ``{state, msg, data}``, for the routes."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec
from fastapi import Response
from starlette.types import Receive, Scope, Send

from crontask_api.codes import Code, State
from crontask_api.schemas.responses import TaskResult

OUTCOME: Final = "crontask_api.outcome"
"""Key under which the ASGI scope holds what the answer said, for log and metrics."""

MAX_WARNINGS: Final = 10
"""Warnings that ``msg`` spells out; the rest are counted."""


class Outcome(msgspec.Struct, frozen=True):
    """What an answer said."""

    state: State
    msg: str
    codes: tuple[Code, ...] = ()


class Envelope(Response):
    """An answer, as JSON in UTF-8."""

    media_type = "application/json"

    def __init__(
        self,
        state: State,
        msg: str = "",
        data: object = None,
        *,
        codes: tuple[Code, ...] = (),
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._outcome = Outcome(state, msg, codes)
        super().__init__(
            msgspec.json.encode({"state": state, "msg": msg, "data": {} if data is None else data}),
            status_code=status,
            headers=headers,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and leave in the scope what it said."""
        scope[OUTCOME] = self._outcome
        await super().__call__(scope, receive, send)


def answer(data: object, warnings: Sequence[str]) -> Envelope:
    """Return the answer to a request without items."""
    return Envelope(State.OK, warn(warnings), data)


class _Items(Protocol):
    """Data that says how each item went."""

    @property
    def task_result(self) -> Sequence[TaskResult]: ...


def answer_items(data: _Items, warnings: Sequence[str]) -> Envelope:
    """Return the answer to a batch.

    A batch of which not one item could be worked on, through no fault of the client, is
    a system error: a client that reads ``state`` alone must not take it for done.
    """
    results = data.task_result
    codes = tuple(result.code for result in results)
    if codes and all(code is Code.SYSTEM_ERROR for code in codes):
        return Envelope(State.SYSTEM_ERROR, results[0].err, data, codes=codes)
    return Envelope(State.OK, warn(warnings), data, codes=codes)


def warn(warnings: Sequence[str]) -> str:
    """Return `warnings` as the ``msg`` of an answer that is right all the same."""
    if not warnings:
        return ""
    more = len(warnings) - MAX_WARNINGS
    shown = [*warnings[:MAX_WARNINGS], *([f"{more} more"] if more > 0 else [])]
    return f"warning: {'; '.join(shown)}"

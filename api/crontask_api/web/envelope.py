"""``{state, msg, data}``, the form of every answer."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import Response

from crontask_api.codes import Code, State
from crontask_api.results import TaskResult

MAX_WARNINGS = 10
"""Warnings that ``msg`` spells out; the rest are counted."""


def envelope(
    state: State,
    msg: str = "",
    data: dict[str, Any] | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer as JSON in UTF-8."""
    return Response(
        msgspec.json.encode({"state": state, "msg": msg, "data": data or {}}),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )


def answer_items(results: Sequence[TaskResult], warnings: Sequence[str], **data: Any) -> Response:
    """Return the answer to a batch.

    A batch of which not one item could be worked on, through no fault of the client, is
    a system error: a client that reads ``state`` alone must not take it for done.
    """
    data = {**data, "task_result": results}
    if results and all(result.code is Code.SYSTEM_ERROR for result in results):
        return envelope(State.SYSTEM_ERROR, results[0].err, data)
    return envelope(State.OK, _summary(warnings), data)


def _summary(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    more = len(warnings) - MAX_WARNINGS
    shown = [*warnings[:MAX_WARNINGS], *([f"{more} more"] if more > 0 else [])]
    return f"warning: {'; '.join(shown)}"

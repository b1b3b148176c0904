"""What a person does to one task or many: asked back first where it matters."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from fastapi import Request, Response

from crontask_api.console.frame.page import page, render
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.stream import EventStream, message
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Key, Row
from crontask_api.console.tasks.doing import Action, Result, do_to
from crontask_api.console.tasks.found import ALL, meant_rows
from crontask_api.console.tasks.query import Query
from crontask_api.console.tasks.shown import reference_of
from crontask_api.errors import RequestError

NAMED: Final = 20
"""Tasks that a question names one by one."""

MOST_AT_ONCE: Final = 10_000
"""Tasks that one answer works on."""

ERRORS_TOLD: Final = 100
"""Of tasks for which it did not work, how many are told one by one."""

router = pages()


@router.post("/console/tasks/confirm")
async def confirm(request: Request) -> Response:
    """Ask whether to do it to these tasks."""
    visit = visit_of(request)
    action = _action(visit)
    rows = await _meant(visit)
    return page(
        visit,
        "confirm",
        section="tasks",
        action=action.value,
        asked="/console/tasks/do",
        back=Query.path,
        field="task",
        count=len(rows),
        effect=_effect(visit, action, len(rows)),
        titles=[row.title for row in rows[:NAMED]],
        more=max(0, len(rows) - NAMED),
        everything=bool(visit.field(ALL)),
        hidden=Query.read(visit.form).filters().items(),
        references=[] if visit.field(ALL) else [reference_of(row.key) for row in rows],
    )


@router.post("/console/tasks/do")
async def do(request: Request) -> Response:
    """Do it, and tell how far it is and how it went."""
    visit = visit_of(request)
    action = _action(visit)
    rows = await _meant(visit)
    if visit.is_htmx:
        return EventStream(_progress(visit, action, rows))
    results = [each async for some in do_to(visit, action, _keys(rows)) for each in some]
    return page(visit, "done", section="tasks", **_told(action, rows, results))


async def _progress(visit: Visit, action: Action, rows: Sequence[Row]) -> AsyncIterator[str]:
    """Yield how far it is, again and again, and at last how it went."""
    results: list[Result] = []
    yield message(render(visit, "progress", **_told(action, rows, results)))
    async for some in do_to(visit, action, _keys(rows)):
        results += some
        yield message(render(visit, "progress", **_told(action, rows, results)))


def _effect(visit: Visit, action: Action, count: int) -> str:
    """Return what it means, in words."""
    is_kept = action is Action.DELETE and visit.console.history is not None
    effect = "kept" if is_kept else "effect"
    return visit.language.counted(f"confirm.{action.value}.{effect}", count)


def _keys(rows: Sequence[Row]) -> list[Key]:
    return [row.key for row in rows]


def _told(action: Action, rows: Sequence[Row], results: Sequence[Result]) -> dict[str, Any]:
    titles = {row.key: row.title for row in rows}
    failed = [result for result in results if result.error]
    return {
        "action": action.value,
        "back": Query.path,
        "of": "done",
        "done": len(results),
        "count": len(rows),
        "good": len(results) - len(failed),
        "bad": len(failed),
        "errors": [(titles[each.key], each.error) for each in failed[:ERRORS_TOLD]],
    }


def _action(visit: Visit) -> Action:
    try:
        return Action(visit.field("action"))
    except ValueError as error:
        raise RequestError(visit.language.text("error.form")) from error


async def _meant(visit: Visit) -> list[Row]:
    rows = await meant_rows(visit)
    text = visit.language.text
    if not rows:
        raise RequestError(text("confirm.nothing"), status=422)
    if len(rows) > MOST_AT_ONCE:
        count = visit.language.number(MOST_AT_ONCE)
        raise RequestError(text("confirm.too_many", count=count), status=422)
    return sorted(rows, key=lambda row: row.title.casefold())

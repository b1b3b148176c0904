"""Failed runs that a person has selected are made again: asked back first, told one by one."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from fastapi import Request, Response

from crontask_api.console.frame.page import page, render
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.stream import EventStream, message
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.runs.again import MOST_RUNS, RunResult, chosen_runs, make_again
from crontask_api.console.runs.query import RunsQuery
from crontask_api.console.runs.reference import reference_of
from crontask_api.console.words.language import Language
from crontask_api.errors import RequestError
from crontask_history.row import RunRow

NAMED: Final = 20
"""Runs that a question names one by one."""

ACTION: Final = "redrive"

router = pages()


@router.post("/console/runs/confirm")
async def confirm(request: Request) -> Response:
    """Ask whether to make these runs again."""
    visit = visit_of(request)
    rows = await _meant(visit)
    return page(
        visit,
        "confirm",
        section="runs",
        action=ACTION,
        asked="/console/runs/do",
        back=RunsQuery.path,
        field="run",
        count=len(rows),
        effect=visit.language.text("confirm.redrive.effect"),
        titles=[_title(row, visit.language) for row in rows[:NAMED]],
        more=max(0, len(rows) - NAMED),
        everything=False,
        hidden=[],
        references=[reference_of(row) for row in rows],
    )


@router.post("/console/runs/do")
async def do(request: Request) -> Response:
    """Ask for them to be made again, and tell how far it is and how it went."""
    visit = visit_of(request)
    rows = await _meant(visit)
    if visit.is_htmx:
        return EventStream(_progress(visit, rows))
    results = [each async for some in make_again(visit, rows) for each in some]
    return page(visit, "done", section="runs", **_told(visit, rows, results))


async def _progress(visit: Visit, rows: Sequence[RunRow]) -> AsyncIterator[str]:
    """Yield how far it is, again and again, and at last how it went."""
    results: list[RunResult] = []
    yield message(render(visit, "progress", **_told(visit, rows, results)))
    async for some in make_again(visit, rows):
        results += some
        yield message(render(visit, "progress", **_told(visit, rows, results)))


def _told(visit: Visit, rows: Sequence[RunRow], results: Sequence[RunResult]) -> dict[str, Any]:
    failed = [result for result in results if result.error]
    return {
        "action": ACTION,
        "back": RunsQuery.path,
        "of": "done.runs",
        "done": len(results),
        "count": len(rows),
        "good": len(results) - len(failed),
        "bad": len(failed),
        "errors": [(_title(each.row, visit.language), each.error) for each in failed],
    }


def _title(row: RunRow, language: Language) -> str:
    return language.text(
        "again.named", name=row.task_name, due=f"{row.scheduled_time:%Y-%m-%d %H:%M:%S}"
    )


async def _meant(visit: Visit) -> list[RunRow]:
    text = visit.language.text
    if len(visit.fields("run")) > MOST_RUNS:
        count = visit.language.number(MOST_RUNS)
        raise RequestError(text("again.too_many", count=count), status=422)
    rows = await chosen_runs(visit)
    if not rows:
        raise RequestError(text("again.nothing"), status=422)
    return rows

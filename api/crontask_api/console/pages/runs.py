"""Runs: all runs of all tasks, found by how they went, when, and what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.page import live_address, page
from crontask_api.console.frame.rights import allowed, may
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Row
from crontask_api.console.runs.finding import MOST_NAMESPACES, find_page, patiently
from crontask_api.console.runs.held import held_page
from crontask_api.console.runs.query import HISTORY_ALONE, PAGE_SIZE, RunsQuery, for_field
from crontask_api.console.runs.shown import ShownRun, shown_held, shown_rows
from crontask_api.console.tasks.found import found_rows
from crontask_api.console.tasks.shown import Moment, moment
from crontask_api.errors import RequestError
from crontask_api.web.namespaces import choose_namespace
from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.errors import HistoryError
from crontask_history.filters import RunFilter
from crontask_history.store import HistoryStore

MOST_CHOICES: Final = 200
"""Namespaces and modules that a filter offers; an address may name any."""

PACE_SECONDS: Final = 3
"""Between two looks at it, whatever changes: each is a question to the history."""

MOST_NAMESAKES: Final = 4
"""Tasks of one name that are asked for one by one."""

SPANS: Final = (
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
    ("week", timedelta(days=7)),
)
"""Spans of time up to now that are one click away."""

router = pages()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of runs, and what is to be known of it."""

    runs: list[ShownRun]
    newer: str = ""
    older: str = ""
    """Cursors, empty where there is no page."""
    looked_to: Moment | None = None
    """Where the look ended, if it ended before the page was full."""
    left_out: int = 0
    """Namespaces that are not on the page, for there are too many."""


@router.get("/console/runs")
async def runs(request: Request) -> Response:
    """Show the page of runs that the address asks for."""
    visit = visit_of(request)
    query = RunsQuery.read(request.query_params.multi_items())
    live = "" if query.after or query.before else live_address(visit, pace=PACE_SECONDS)
    rows = await found_rows(visit)
    history, trouble = visit.console.history, ""
    found: Found | None = None
    if history is not None:
        try:
            found = await _from_history(visit, history, query, rows)
        except HistoryError as error:
            trouble = str(error)
    has_history = found is not None
    found = found or _from_statuses(visit, query, rows)
    return page(
        visit,
        "runs",
        section="runs",
        here=query.here,
        live=live,
        query=query,
        runs=found.runs,
        newer=query.address(before=found.newer) if found.newer else "",
        older=query.address(after=found.older) if found.older else "",
        first=query.address(),
        looked_to=found.looked_to,
        spaces_left_out=found.left_out,
        most_namespaces=MOST_NAMESPACES,
        redrivable=await _redrivable(visit, found.runs),
        has_history=has_history,
        keeps_history=history is not None,
        trouble=trouble,
        unanswered=[] if has_history else _unanswered(visit, query),
        **_choices(visit, query, rows),
    )


async def _from_history(
    visit: Visit, history: HistoryStore, query: RunsQuery, rows: Sequence[Row]
) -> Found:
    language, now = visit.language, visit.console.now()
    namespaces = await _namespaces(visit, query, rows)
    questions = [
        question
        for namespace in namespaces[:MOST_NAMESPACES]
        for question in _questions(query, namespace, rows)
    ]
    async with patiently():
        found = await find_page(
            history,
            questions,
            limit=PAGE_SIZE,
            before=query.before,
            after=query.after,
        )
    looked_to = found.looked_to and found.looked_to.begin_time.timestamp()
    return Found(
        shown_rows(found.rows, language, now),
        found.newer,
        found.older,
        moment(language, looked_to, now),
        max(0, len(namespaces) - MOST_NAMESPACES),
    )


async def _redrivable(visit: Visit, runs: Sequence[ShownRun]) -> frozenset[str]:
    """Return the references of the runs that the visitor may have made again."""
    failed = [run for run in runs if run.reference]
    changed = await allowed(visit, Verb.PATCH, {run.namespace for run in failed})
    return frozenset(run.reference for run in failed if run.namespace in changed)


def _from_statuses(visit: Visit, query: RunsQuery, rows: Sequence[Row]) -> Found:
    held = held_page(rows, query)
    shown = shown_held(held.runs, visit.language, visit.console.now())
    return Found(shown, held.newer, held.older)


async def _namespaces(visit: Visit, query: RunsQuery, rows: Sequence[Row]) -> list[str]:
    """Return the namespaces whose runs the visitor may see, of those that are asked for.

    One that has no tasks any more is asked for by its name: the history still has their runs.
    """
    if not query.namespace:
        default = visit.console.settings.namespace
        known = {row.namespace for row in rows}
        if await may(visit, Verb.LIST, default):
            known.add(default)
        return sorted(known)
    try:
        choose_namespace(visit.console.settings, header=query.namespace, field=None)
    except RequestError:
        return []
    return [query.namespace] if await may(visit, Verb.LIST, query.namespace) else []


def _questions(query: RunsQuery, namespace: str, rows: Sequence[Row]) -> list[RunFilter]:
    """Return what to ask of `namespace`, for the filter names a task in either of two ways.

    The runs of an object are found at once. Those of tasks with a name that people gave them
    are sifted out of all others, which is left out where it is known which objects these are.
    """
    wanted = query.to_filter(namespace)
    if not query.task:
        return [wanted]
    of_namespace = [row for row in rows if row.namespace == namespace]
    names = {row.name for row in of_namespace if query.task in (row.name, row.title)}
    if 0 < len(names) <= MOST_NAMESAKES:
        return [replace(wanted, name=name) for name in sorted(names)]
    return [replace(wanted, name=query.task), replace(wanted, task_name=query.task)]


def _unanswered(visit: Visit, query: RunsQuery) -> list[str]:
    """Return the filters that only a history could answer, in words."""
    asked = [name for name in query.filters() if name in HISTORY_ALONE]
    return [visit.language.text(f"runs.{name}") for name in asked]


def _choices(visit: Visit, query: RunsQuery, rows: Sequence[Row]) -> dict[str, Any]:
    text = visit.language.text
    known = visit.language.known
    now = datetime.fromtimestamp(visit.console.now(), UTC).replace(second=0, microsecond=0)
    spaces = sorted({row.namespace for row in rows} | ({query.namespace} - {""}))
    modules = sorted({row.module for row in rows})
    return {
        "statuses": [(each.value, text(f"status.{each}")) for each in RunStatus],
        "spaces": [(each, each) for each in spaces[:MOST_CHOICES]],
        "modules": [(str(each), str(each)) for each in modules[:MOST_CHOICES]],
        "run_types": [(each.value, known(f"run.{each}", each)) for each in RunType],
        "reasons": [(each.value, known(f"reason.{each}", each)) for each in Reason],
        "spans": [
            (text(f"runs.last.{name}"), query.address(begin=now - span, end=None))
            for name, span in SPANS
        ],
        "begin": for_field(query.begin),
        "end": for_field(query.end),
    }

"""Tasks: all of them in a table, found as you type."""

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.console.form.page import creatable
from crontask_api.console.frame.page import live_address, page
from crontask_api.console.frame.rights import allowed
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Row
from crontask_api.console.tasks.doing import VERBS, Action
from crontask_api.console.tasks.found import found_rows
from crontask_api.console.tasks.listing import list_rows
from crontask_api.console.tasks.query import Query, Sort
from crontask_api.console.tasks.shown import shown_rows
from crontask_core.enums import Phase, TaskType

NEW: Final = "/console/new"

MOST_CHOICES: Final = 200
"""Namespaces, modules and methods that a filter offers; an address may name any."""

router = pages()


@router.get("/console/tasks")
async def tasks(request: Request) -> Response:
    """Show a page of the list that the address asks for."""
    visit = visit_of(request)
    query = Query.read(request.query_params.multi_items())
    live = live_address(visit)
    rows = await found_rows(visit)
    listing = list_rows(rows, query)
    language = visit.language
    return page(
        visit,
        "tasks",
        section="tasks",
        here=query.here,
        live=live,
        query=query,
        listing=listing,
        rows=shown_rows(listing.rows, language, visit.console.now()),
        every_task=len(rows),
        actions=await _actions(visit, listing.rows),
        new_address=await _new_address(visit, query),
        hidden=query.filters().items(),
        newer=query.address(before=listing.before) if listing.before else "",
        older=query.address(after=listing.after) if listing.after else "",
        sorts={sort.value: query.sorted_by(sort) for sort in Sort},
        direction="descending" if query.is_downwards else "ascending",
        phases=[(phase.value, language.text(f"phase.{phase}")) for phase in Phase],
        types=[(each.value, language.text(f"choice.type.{each}")) for each in TaskType],
        **_choices(rows),
    )


async def _actions(visit: Visit, rows: list[Row]) -> list[str]:
    """Return what the visitor may do to some of the rows."""
    namespaces = {row.namespace for row in rows}
    verbs = {verb for verb in (Verb.PATCH, Verb.DELETE) if await allowed(visit, verb, namespaces)}
    return [action.value for action in Action if VERBS[action] in verbs]


async def _new_address(visit: Visit, query: Query) -> str:
    """Return where a task is made, empty if the visitor may make none."""
    if not await creatable(visit):
        return ""
    return f"{NEW}?{urlencode({'namespace': query.namespace})}" if query.namespace else NEW


def _choices(rows: list[Row]) -> dict[str, Any]:
    found = {
        "spaces": sorted({row.namespace for row in rows}),
        "methods": sorted({row.method for row in rows if row.method}),
        "modules": [str(each) for each in sorted({row.module for row in rows})],
    }
    return {name: [(each, each) for each in some[:MOST_CHOICES]] for name, some in found.items()}

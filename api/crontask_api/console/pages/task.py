"""Task: one task whole, live."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from msgspec.structs import replace

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.page import live_address, page
from crontask_api.console.frame.rights import may, readable
from crontask_api.console.frame.route import SEE_OTHER, pages
from crontask_api.console.frame.saved import forget_saved, saved_before
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Key, to_row
from crontask_api.console.runs.by_run import by_run
from crontask_api.console.runs.query import TaskRunsQuery, for_field
from crontask_api.console.runs.shown import run_address, runs_of_task
from crontask_api.console.task.commands import curl_of, kubectl_of
from crontask_api.console.task.conditions import shown_conditions
from crontask_api.console.task.course import LEAST, courses_of
from crontask_api.console.task.definition import Field, definition_of, yaml_of
from crontask_api.console.task.events import shown_events
from crontask_api.console.task.history import TaskHistory, find_history
from crontask_api.console.task.upcoming import upcoming_runs
from crontask_api.console.tasks.doing import VERBS, Action, do_to
from crontask_api.console.tasks.shown import reference_of, shown_rows, task_address
from crontask_api.console.words.language import Language
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.kube.objects import CronTask
from crontask_api.web.ticket import TICKET
from crontask_core.enums import Phase, RunStatus
from crontask_core.errors import SpecError
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus
from crontask_kube.errors import ApiError

AT_ONCE: Final = frozenset({Action.RUN, Action.PAUSE, Action.RESUME})
"""What is done without asking back: it can be taken back, or hurts nobody."""

router = pages()


@router.get("/console/tasks/{namespace}/{name}")
async def task(request: Request, namespace: str, name: str) -> Response:
    """Show the task."""
    visit = visit_of(request)
    key = await readable(visit, namespace, name)
    live = live_address(visit, key)
    async with within(visit.console.settings.request_timeout_seconds):
        found = await visit.console.details.get(key)
        if found is None:
            raise RequestError(visit.language.text("task.gone"), status=404)
        values = await _values(visit, key, found)
    saved = None if visit.is_htmx else saved_before(visit)
    if saved is None:
        return page(visit, "task", live=live, **values)
    said = visit.language.text(f"done.{saved.value}", name=found.task_name)
    answer = page(visit, "task", live=live, said=said, **values)
    forget_saved(answer, task_address(key))
    return answer


@router.post("/console/tasks/{namespace}/{name}")
async def do(request: Request, namespace: str, name: str) -> Response:
    """Do something to the task at once."""
    visit = visit_of(request)
    key = await readable(visit, namespace, name)
    given = visit.field("action")
    if given not in AT_ONCE:
        raise RequestError(visit.language.text("error.form"))
    action = Action(given)
    (result,) = [each async for some in do_to(visit, action, [key]) for each in some]
    if result.error:
        words = visit.language.text("done.failed", name=result.title, why=result.error)
        raise RequestError(words, status=422)
    if visit.is_htmx:
        words = visit.language.text(f"done.{action.value}", name=result.title)
        return page(visit, "notice", words=words)
    return RedirectResponse(task_address(key), status_code=SEE_OTHER)


async def _values(visit: Visit, key: Key, found: CronTask) -> dict[str, Any]:
    language, now = visit.language, visit.console.now()
    status = found.typed_status()
    query = TaskRunsQuery.read(visit.request.query_params.multi_items())
    history = await find_history(visit.console.history, found, status, query)
    visit.request.scope[TICKET].hold_answer(sum(each.size for each in history.found.rows))
    short = replace(to_row(found), runs=history.latest_runs())
    (row,) = shown_rows([short], language, now)
    shows_headers = await visit.console.authenticator.may_read_tasks(visit.identity, key[0])
    moment = datetime.fromtimestamp(now, UTC)
    spec = _readable_spec(found)
    fields, upcoming, zone, kept = [], [], "", 0
    if spec is not None:
        fields = _fields(found, spec, language, shows_headers)
        upcoming = upcoming_runs(found, spec, status, moment)
        zone, kept = spec.time_zone, spec.history_limit
    counters = status.counters
    return {
        "section": "tasks",
        "row": row,
        "actions": await _actions(visit, key, status),
        "links": await _links(visit, key),
        "counters": [
            (name, getattr(counters, name))
            for name in ("succeeded", "failed", "retries", "skipped", "missed")
        ],
        "runs": by_run(history.found.rows, language, now, spec),
        "kept": kept,
        "may_redrive": history.is_whole and await may(visit, Verb.PATCH, key[0]),
        "courses": courses_of(history.pictured, language, least=1 if query.is_a_stretch else LEAST),
        **_history(key, history, query, language),
        **await _events(visit, found),
        "conditions": shown_conditions(status.conditions, language, now),
        "upcoming": upcoming,
        "zone": zone,
        "fields": fields,
        "texts": _texts(visit, found, spec, shows_headers),
    }


def _texts(
    visit: Visit, found: CronTask, spec: CronTaskSpec | None, shows_headers: bool
) -> list[tuple[str, str]]:
    """Return what can be copied of the task, each with its name."""
    manifest = yaml_of(found, shows_headers=shows_headers)
    texts = [("yaml", manifest), ("kubectl", kubectl_of(manifest))]
    if spec is None:
        return texts
    takes_tokens = visit.console.settings.auth.takes_tokens
    base = str(visit.request.base_url)
    return [*texts, ("curl", curl_of(found, spec, base, takes_tokens=takes_tokens))]


def _readable_spec(found: CronTask) -> CronTaskSpec | None:
    try:
        return found.typed_spec()
    except SpecError:
        return None


def _fields(
    found: CronTask, spec: CronTaskSpec, language: Language, shows_headers: bool
) -> list[Field]:
    text, meta = language.text, found.metadata
    return [
        Field(text("field.name"), meta.name, True),
        Field(text("field.namespace"), meta.namespace, True),
        *definition_of(found, spec, language, shows_headers=shows_headers),
        Field(text("field.created"), meta.creation_timestamp),
    ]


async def _events(visit: Visit, found: CronTask) -> dict[str, Any]:
    """Return what the operator has told of the task; nothing of a page depends on it."""
    meta = found.metadata
    try:
        events = await visit.console.events.get((meta.namespace, meta.uid))
    except ApiError as error:
        return {"events": [], "events_trouble": str(error)}
    shown = shown_events(events, visit.language, visit.console.now())
    return {"events": shown, "events_trouble": ""}


def _history(
    key: Key, history: TaskHistory, query: TaskRunsQuery, language: Language
) -> dict[str, Any]:
    """Return what the list of runs has around it: filters, pages, and what is missing."""
    here, found = task_address(key), history.found

    def address(**changes: object) -> str:
        return f"{here}{query.address(**changes)}"

    return {
        "here": f"{here}{query.here}",
        "query": query,
        "is_whole": history.is_whole,
        "history_trouble": history.trouble,
        "statuses": [(each.value, language.text(f"status.{each}")) for each in RunStatus],
        "whole": address(begin=None, end=None) if query.is_a_stretch else "",
        "begin": for_field(query.begin),
        "end": for_field(query.end),
        "newer": address(before=found.newer) if found.newer else "",
        "older": address(after=found.older) if found.older else "",
        "newest": address() if found.newer else "",
        "all_runs": runs_of_task(*key),
        "run_address": partial(run_address, key[0]),
    }


async def _actions(visit: Visit, key: Key, status: CronTaskStatus) -> list[str]:
    """Return what the visitor may do, and what makes sense now."""
    useless = Action.PAUSE if status.phase is Phase.SUSPENDED else Action.RESUME
    allowed = {verb for verb in (Verb.PATCH, Verb.DELETE) if await may(visit, verb, key[0])}
    wanted = (Action.RUN, Action.PAUSE, Action.RESUME, Action.DELETE)
    return [each.value for each in wanted if each is not useless and VERBS[each] in allowed]


async def _links(visit: Visit, key: Key) -> list[tuple[str, str]]:
    """Return the forms that the visitor may use, each with its address and what it is called."""
    text, links = visit.language.text, []
    if await may(visit, Verb.PATCH, key[0]):
        links.append((f"{task_address(key)}/edit", text("form.edit")))
    if await may(visit, Verb.CREATE, key[0]):
        query = urlencode({"clone": reference_of(key)})
        links.append((f"/console/new?{query}", text("form.clone")))
    return links

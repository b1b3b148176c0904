"""New task, or a clone of one: the form, empty or filled."""

from typing import Any

from fastapi import Request, Response

from crontask_api.console.form.draft import Draft, read_draft
from crontask_api.console.form.fields import NAMESPACE, TASK_NAME
from crontask_api.console.form.judging import Origin
from crontask_api.console.form.page import (
    TRY,
    Form,
    creatable,
    empty_draft,
    form_page,
    form_token,
    more_rows,
)
from crontask_api.console.form.preview import preview_of
from crontask_api.console.form.read import draft_of
from crontask_api.console.form.saving import create
from crontask_api.console.form.trial import try_out
from crontask_api.console.frame.page import page
from crontask_api.console.frame.rights import readable
from crontask_api.console.frame.route import form_pages
from crontask_api.console.frame.saved import Saved, saved_at
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Key
from crontask_api.console.tasks.shown import reference_of, task_address
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.kube.objects import CronTask

ADDRESS = "/console/new"

router = form_pages()


@router.get(ADDRESS)
async def new(request: Request) -> Response:
    """Show the form."""
    visit = visit_of(request)
    query = request.query_params
    origin, key = await _origin(visit, query.get("clone", ""))
    if origin.task is None or key is None:
        spaces = await creatable(visit)
        namespace = query.get("namespace", "") or _first(visit, spaces)
        return await _answer(visit, empty_draft(visit, namespace), key, origin)
    draft = draft_of(
        origin.spec, origin.labels, shows_headers=origin.shows_headers, namespace=key[0]
    )
    return await _answer(visit, draft.with_text(TASK_NAME, ""), key, origin, is_unsaved=True)


@router.post(ADDRESS)
async def make(request: Request) -> Response:
    """Create the task, or say what is wrong with it."""
    visit = visit_of(request)
    draft, action = read_draft(visit.form), visit.field("action")
    origin, key = await _origin(visit, visit.field("origin"))
    if more := more_rows(action):
        return await _answer(visit, draft, key, origin, more=more, is_unsaved=True)
    # What a task sends stays in its namespace.
    of_namespace = origin if key and key[0] == draft.text(NAMESPACE) else Origin(None, True)
    if action == TRY:
        name = draft.text(TASK_NAME)
        trial = await try_out(visit, draft.text(NAMESPACE), name, draft, of_namespace)
        return await _answer(visit, draft, key, origin, trial=trial, is_unsaved=True)
    is_check = action == "check"
    async with within(visit.console.settings.request_timeout_seconds):
        outcome = await create(
            visit, draft, of_namespace, form_token(visit.field("token")), dry_run=is_check
        )
    if outcome.is_done and not is_check:
        return saved_at(visit, task_address(outcome.key), Saved.CREATED)
    notice = visit.language.text("form.checked") if outcome.is_done else ""
    return await _answer(
        visit,
        draft,
        key,
        origin,
        complaints=outcome.complaints,
        notice=notice,
        is_unsaved=True,
    )


@router.get("/console/new/preview")
async def preview(request: Request) -> Response:
    """Show when the schedule that is being typed fires."""
    visit = visit_of(request)
    query = request.query_params
    draft = read_draft(query.multi_items())
    told = preview_of(draft, visit.language, visit.console.now(), uid=query.get("uid", ""))
    return page(visit, "preview", preview=told)


async def _answer(
    visit: Visit, draft: Draft, key: Key | None, origin: Origin, **more: Any
) -> Response:
    text = visit.language.text
    task = origin.task
    hidden = {"token": form_token(visit.field("token"))}
    title, back, about = text("form.new"), "/console/tasks", ""
    if task is not None and key is not None:
        hidden["origin"] = reference_of(key)
        about, back = task.task_name, task_address(key)
        title = text("form.clone.of", name=about)
    form = Form(title, ADDRESS, back, draft, hidden, is_new=True, about=about, **more)
    return await form_page(visit, form)


async def _origin(visit: Visit, reference: str) -> tuple[Origin, Key | None]:
    """Return the task that is to be cloned, if one is."""
    if not reference:
        return Origin(None, True), None
    namespace, _, name = reference.partition("/")
    key = await readable(visit, namespace, name)
    task: CronTask | None = await visit.console.client.get(*key)
    if task is None:
        raise RequestError(visit.language.text("task.gone"), status=404)
    shows = await visit.console.authenticator.may_read_tasks(visit.identity, namespace)
    return Origin(task, shows), key


def _first(visit: Visit, spaces: list[str]) -> str:
    default = visit.console.settings.namespace
    return default if default in spaces or not spaces else spaces[0]

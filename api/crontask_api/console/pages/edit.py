"""Edit: the form, filled with a task as it is."""

from typing import Any

from fastapi import Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.console.form.conflict import base_of
from crontask_api.console.form.draft import Draft, read_draft
from crontask_api.console.form.judging import Origin
from crontask_api.console.form.page import TRY, Form, form_page, more_rows
from crontask_api.console.form.read import draft_of
from crontask_api.console.form.saving import Outcome, edit
from crontask_api.console.form.trial import try_out
from crontask_api.console.frame.rights import may, readable
from crontask_api.console.frame.route import form_pages
from crontask_api.console.frame.saved import Saved, saved_at
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Key
from crontask_api.console.tasks.shown import task_address
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.kube.objects import CronTask
from crontask_kube.errors import ApiError

router = form_pages()


@router.get("/console/tasks/{namespace}/{name}/edit")
async def show(request: Request, namespace: str, name: str) -> Response:
    """Show the form."""
    visit = visit_of(request)
    task = await _task(visit, await _changeable(visit, namespace, name))
    draft = await _draft(visit, task)
    return await _answer(visit, task, draft, base_of(task, draft))


@router.post("/console/tasks/{namespace}/{name}/edit")
async def change(request: Request, namespace: str, name: str) -> Response:
    """Change the task, or say what is wrong, or what others changed meanwhile."""
    visit = visit_of(request)
    key = await _changeable(visit, namespace, name)
    draft, base, action = read_draft(visit.form), visit.field("base"), visit.field("action")
    if more := more_rows(action):
        task = await _task(visit, key)
        return await _answer(visit, task, draft, base, more=more, is_unsaved=True)
    if action == TRY:
        task = await _task(visit, key)
        origin = Origin(task, await _shows_headers(visit, namespace))
        trial = await try_out(visit, namespace, task.task_name, draft, origin)
        return await _answer(visit, task, draft, base, trial=trial, is_unsaved=True)
    is_check = action == "check"
    async with within(visit.console.settings.request_timeout_seconds):
        outcome = await _edited(visit, key, draft, base, is_check=is_check)
    if outcome.is_done and not is_check:
        return saved_at(visit, task_address(key), Saved.CHANGED)
    task = outcome.task or await _task(visit, key)
    if outcome.draft is not None:
        # What others changed up to now was shown and chosen, or is shown now.
        draft, base = outcome.draft, base_of(task, await _draft(visit, task))
    notice = visit.language.text("form.checked") if outcome.is_done else ""
    return await _answer(
        visit,
        task,
        draft,
        base,
        complaints=outcome.complaints,
        differences=outcome.differences,
        notice=notice,
        is_unsaved=True,
    )


async def _edited(visit: Visit, key: Key, draft: Draft, base: str, *, is_check: bool) -> Outcome:
    try:
        return await edit(visit, key, draft, base, dry_run=is_check)
    except (ApiError, RequestError) as error:
        # What was written is shown again, for another try.
        return Outcome(key, {"": [str(error)]})


async def _answer(visit: Visit, task: CronTask, draft: Draft, base: str, **more: Any) -> Response:
    meta = task.metadata
    here = task_address((meta.namespace, meta.name))
    form = Form(
        visit.language.text("form.edit.of", name=task.task_name),
        f"{here}/edit",
        here,
        draft,
        {"base": base},
        is_new=False,
        about=task.task_name,
        uid=meta.uid,
        offers_trial=await may(visit, Verb.CREATE, meta.namespace),
        **more,
    )
    return await form_page(visit, form)


async def _draft(visit: Visit, task: CronTask) -> Draft:
    shows = await _shows_headers(visit, task.metadata.namespace)
    return draft_of(task.spec, task.metadata.labels, shows_headers=shows)


async def _shows_headers(visit: Visit, namespace: str) -> bool:
    return await visit.console.authenticator.may_read_tasks(visit.identity, namespace)


async def _changeable(visit: Visit, namespace: str, name: str) -> Key:
    key = await readable(visit, namespace, name)
    if not await may(visit, Verb.PATCH, namespace):
        raise RequestError(visit.language.text("error.not_found"), status=404)
    return key


async def _task(visit: Visit, key: Key) -> CronTask:
    task = await visit.console.client.get(*key)
    if task is None:
        raise RequestError(visit.language.text("task.gone"), status=404)
    return task

"""Run: one run whole, with its attempts, also of a task that is gone."""

from functools import partial
from typing import Final

from fastapi import Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.console.frame.page import live_address, page
from crontask_api.console.frame.rights import check_seen, may
from crontask_api.console.frame.route import pages
from crontask_api.console.frame.visit import visit_of
from crontask_api.console.runs.by_run import by_run
from crontask_api.console.runs.finding import patiently
from crontask_api.console.runs.shown import run_address, runs_of_task
from crontask_api.console.tasks.shown import task_address
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.web.ticket import TICKET
from crontask_core.errors import SpecError
from crontask_core.spec import CronTaskSpec
from crontask_history.filters import RunFilter
from crontask_kube.errors import ApiError
from crontask_kube.names import is_object_name

MOST_ATTEMPTS: Final = 100
"""Of a run, the newest."""

router = pages()


@router.get("/console/runs/{namespace}/{uid}/{execution_id}")
async def run(request: Request, namespace: str, uid: str, execution_id: str) -> Response:
    """Show the run."""
    visit = visit_of(request)
    text = visit.language.text
    await check_seen(visit, namespace)
    history = visit.console.history
    if history is None:
        raise RequestError(text("run.no_history"), status=404)
    wanted = RunFilter(
        namespace=namespace, uid=uid, execution_id=execution_id, limit=MOST_ATTEMPTS, texts=True
    )
    async with patiently():
        rows = (await history.query(wanted)).rows
    if not rows:
        raise RequestError(text("run.gone"), status=404)
    async with within(visit.console.settings.request_timeout_seconds):
        spec = await _spec(request, namespace, rows[0].name, uid)
    visit.request.scope[TICKET].hold_answer(sum(each.size for each in rows))
    (shown,) = by_run(rows, visit.language, visit.console.now(), spec)
    key = (namespace, rows[0].name)
    return page(
        visit,
        "run",
        section="runs",
        live=live_address(visit, key) if spec else "",
        title=rows[0].task_name,
        task="/".join(key),
        task_address=task_address(key),
        run=shown,
        may_redrive=await may(visit, Verb.PATCH, namespace),
        run_address=partial(run_address, namespace),
        lag=visit.language.span(max(0.0, rows[-1].lag_seconds)),
        all_runs=runs_of_task(*key),
    )


async def _spec(request: Request, namespace: str, name: str, uid: str) -> CronTaskSpec | None:
    """Return what the task is now, None if it is gone, another or cannot be read."""
    console = visit_of(request).console
    if not is_object_name(name):
        return None
    try:
        task = await console.details.get((namespace, name))
        return task.typed_spec() if task and task.metadata.uid == uid else None
    except (ApiError, SpecError):
        return None

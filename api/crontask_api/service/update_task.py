"""Changing tasks: read, change the given fields, write if nobody else did meanwhile."""

from typing import Any

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.kube.client import JsonPatch
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.destination import SentCredentials, sent_by, taken_elsewhere
from crontask_api.mapping.update import changed_spec
from crontask_api.results import done
from crontask_api.schemas.items import UpdateItem
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.batch import answer_parsed
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task, reference_key
from crontask_api.shown import shown
from crontask_core.constants import MODULE_LABEL
from crontask_kube.errors import ConflictError, InvalidError, NotFoundError

ATTEMPTS = 8
"""Tries of one update. Each one that fails means that another writer got through, so
eight writers of one task at a time all succeed."""


async def update_tasks(context: Context, items: list[Any]) -> list[TaskResult]:
    """Change the tasks that `items` mean; return how each went."""
    return await answer_parsed(context, items, UpdateItem, update_task, key=reference_key)


async def update_task(context: Context, item: UpdateItem) -> TaskResult:
    """Change the given fields of the task that `item` refers to.

    Raises
    ------
    ItemError
        If there is no such task, if a value cannot be used, or if the client could find
        out by the change what Secrets and headers of the task it has no right to read.
    ApiError
        If the API server refuses or is away.
    """
    for attempt in range(1, ATTEMPTS + 1):
        task = await find_task(context.client, context.namespace, item)
        spec = changed_spec(task.spec, item, time_zone=context.time_zone, now=context.now())
        patch = _patch(task, spec, item)
        if patch:
            await _check_credentials(task, spec, context)
            try:
                await context.client.json_patch(context.namespace, task.metadata.name, patch)
            except (ConflictError, NotFoundError):
                if attempt == ATTEMPTS:
                    raise
                continue
            except InvalidError:
                if attempt == ATTEMPTS or not await _has_changed(context, task):
                    raise
                continue
        return done(task)
    raise AssertionError("the last attempt returns or raises")


async def _check_credentials(task: CronTask, spec: dict[str, Any], context: Context) -> None:
    before, after = task.spec.get("callback", {}), spec.get("callback", {})
    await _check_rights(
        taken_elsewhere(before, after),
        context,
        "url: the task takes {what} to its destination; another scheme, host or port",
    )
    expression = spec.get("expect", {}).get("bodyRegex", "")
    if expression and expression != task.spec.get("expect", {}).get("bodyRegex", ""):
        # Where a target repeats a request, each answer would tell whether a guess is right.
        await _check_rights(
            sent_by(after),
            context,
            "resp_regexp: the task sends {what}, and an expression can find out what it is; "
            "another one",
        )


async def _check_rights(credentials: SentCredentials, context: Context, what_needs: str) -> None:
    for name in credentials.secrets:
        if not await context.may_read_secret(name):
            raise _bound(what_needs.format(what=f"the Secret {shown(name)}"), "that Secret")
    if credentials.headers and not await context.may_read_tasks():
        what = f"the header {shown(credentials.headers[0])}"
        raise _bound(what_needs.format(what=what), "CronTasks")


def _bound(what_needs: str, resource: str) -> ItemError:
    return ItemError(
        Code.BAD_CALLBACK,
        f"{what_needs} needs the right to get {resource} "
        "(with kubectl, or here with a token of the cluster)",
    )


def _patch(task: CronTask, spec: dict[str, Any], item: UpdateItem) -> JsonPatch:
    """Return the operations, none if nothing would change.

    The test is on the generation, which counts changes of the spec: the operator's
    status writes, many a minute, are no conflict.
    """
    if spec == task.spec:
        return []
    patch: JsonPatch = [
        {"op": "test", "path": "/metadata/uid", "value": task.metadata.uid},
        {"op": "test", "path": "/metadata/generation", "value": task.metadata.generation},
        {"op": "replace", "path": "/spec", "value": spec},
    ]
    module = str(spec.get("module", 0))
    if item.module is not None and task.metadata.labels.get(MODULE_LABEL) != module:
        if task.metadata.labels:
            label = MODULE_LABEL.replace("/", "~1")
            patch.append({"op": "add", "path": f"/metadata/labels/{label}", "value": module})
        else:
            patch += [
                # Labels, unlike the spec, leave the generation as it is.
                {
                    "op": "test",
                    "path": "/metadata/resourceVersion",
                    "value": task.metadata.resource_version,
                },
                {"op": "add", "path": "/metadata/labels", "value": {MODULE_LABEL: module}},
            ]
    return patch


async def _has_changed(context: Context, task: CronTask) -> bool:
    # The API server answers a failed test and a refused value alike.
    now_is = await context.client.get(context.namespace, task.metadata.name)
    return now_is is None or (now_is.metadata.uid, now_is.metadata.resource_version) != (
        task.metadata.uid,
        task.metadata.resource_version,
    )

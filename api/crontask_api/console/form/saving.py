"""saving has a draft judged by the API server, or written, for the pages of the form."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog

from crontask_api.auth.authenticator import Verb
from crontask_api.console.form.build import Built
from crontask_api.console.form.complaints import Complaints, of_refusal
from crontask_api.console.form.conflict import Difference, differences, is_of, with_choices
from crontask_api.console.form.draft import Draft
from crontask_api.console.form.fields import NAMESPACE, OBJECT_NAME, TASK_NAME
from crontask_api.console.form.judging import Origin, judge, judge_as_operator
from crontask_api.console.form.read import draft_of
from crontask_api.console.frame.rights import may
from crontask_api.console.frame.visit import Visit
from crontask_api.console.live.row import Key
from crontask_api.errors import ItemError, RequestError
from crontask_api.kube.client import JsonPatch
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.task import check_name
from crontask_api.web.namespaces import choose_namespace
from crontask_core.constants import (
    ADD_REQUEST_ANNOTATION,
    API_VERSION,
    FACADE_MANAGER,
    KIND,
    MANAGED_BY_LABEL,
    MODULE_LABEL,
)
from crontask_core.identity import task_id
from crontask_kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)

ATTEMPTS: Final = 8
"""Tries of one change, as of an update over the API."""

_log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class Outcome:
    """What came of it. Without complaints and differences it was done.

    Of an edit `task` is what the differences are to, and `draft` what was sent, with what
    was chosen of two versions.
    """

    key: Key
    complaints: Complaints = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    task: CronTask | None = None
    draft: Draft | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be said."""
        return not self.complaints and not self.differences


async def create(
    visit: Visit, draft: Draft, origin: Origin, token: str, *, dry_run: bool
) -> Outcome:
    """Create the task of `draft`, or with `dry_run` have it judged.

    `token` is of the form: the same form creates a task once, however often it is sent.
    """
    key, complaints = await _new_key(visit, draft)
    built, wrong = await judge(visit, key[0], draft, origin)
    complaints |= wrong
    if complaints.keys() & {NAMESPACE, TASK_NAME}:
        return Outcome(key, complaints)
    made_by = f"console-{token}.{_fingerprint(built)}"
    manifest = manifest_of(key[1], built, draft)
    manifest["metadata"]["annotations"] = {ADD_REQUEST_ANNOTATION: made_by}
    doubts = judge_as_operator(built.spec, visit.console.now(), "")
    dry_run = dry_run or bool(complaints or doubts)
    _add(complaints, await _judged(visit, key, manifest, dry_run=dry_run))
    # Of what the API server refuses, others would repeat that in other words.
    complaints = complaints or doubts
    if not dry_run:
        report(visit, "create", key, complaints)
    return Outcome(key, complaints)


async def edit(visit: Visit, key: Key, mine: Draft, base: str, *, dry_run: bool) -> Outcome:
    """Change the task `key` as `mine` says, which was begun as of `base`.

    Raises
    ------
    RequestError
        If the task is gone.
    ApiError
        If the API server is away.
    """
    shows_headers = await visit.console.authenticator.may_read_tasks(visit.identity, key[0])
    for attempt in range(1, ATTEMPTS + 1):
        task = await visit.console.client.get(*key)
        if task is None or not is_of(base, task):
            raise RequestError(visit.language.text("form.gone"), status=404)
        theirs = draft_of(task.spec, task.metadata.labels, shows_headers=shows_headers)
        found = differences(base, task, mine, theirs)
        chosen = with_choices(mine, theirs, visit.form, found)
        if found:
            return Outcome(key, differences=found, task=task, draft=chosen)
        built, complaints = await judge(visit, key[0], chosen, Origin(task, shows_headers))
        doubts = judge_as_operator(built.spec, visit.console.now(), task.metadata.uid)
        is_dry = dry_run or bool(complaints or doubts)
        patch = _patch(task, built)
        try:
            if patch:
                await visit.console.client.json_patch(*key, patch, dry_run=is_dry)
        except (ConflictError, NotFoundError):
            if attempt == ATTEMPTS:
                raise
            continue
        except InvalidError as error:
            if attempt < ATTEMPTS and await _has_changed(visit, task):
                continue
            _add(complaints, of_refusal(error))
        complaints = complaints or doubts
        if not is_dry:
            report(visit, "edit", key, complaints)
        return Outcome(key, complaints, task=task, draft=chosen)
    raise AssertionError("the last attempt returns or raises")


def report(visit: Visit, action: str, key: Key, complaints: Complaints) -> None:
    """Write into the log who did what to which task."""
    _log.info(
        "changed by the console",
        user=visit.identity.name,
        action=action,
        namespace=key[0],
        task=key[1],
        error="; ".join(sentence for each in complaints.values() for sentence in each)[:1000],
    )


async def may_create(visit: Visit, namespace: str) -> Complaints:
    """Return why the visitor may create no task in `namespace`, nothing if they may.

    Raises
    ------
    ApiError
        If the API server had to be asked, and is away.
    """
    try:
        choose_namespace(visit.console.settings, header=namespace, field=None)
    except RequestError as error:
        return {NAMESPACE: [str(error)]}
    if await may(visit, Verb.CREATE, namespace):
        return {}
    return {NAMESPACE: [visit.language.text("form.wrong.namespace", found=namespace)]}


def manifest_of(name: str, built: Built, draft: Draft) -> dict[str, Any]:
    """Return the object called `name` with what was built of a draft."""
    module = str(built.spec.get("module", 0))
    named = {"taskName": draft.text(TASK_NAME)} if draft.text(TASK_NAME) else {}
    spec = {key: value for key, value in built.spec.items() if key != "taskName"}
    own = {MANAGED_BY_LABEL: FACADE_MANAGER, MODULE_LABEL: module}
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "labels": {**built.labels, **own}},
        "spec": {**named, **spec},
    }


async def _new_key(visit: Visit, draft: Draft) -> tuple[Key, Complaints]:
    namespace, task_name = draft.text(NAMESPACE), draft.text(TASK_NAME)
    complaints = await may_create(visit, namespace)
    try:
        if task_name:
            check_name(task_name)
        elif not draft.text(OBJECT_NAME):
            complaints[TASK_NAME] = [visit.language.text("form.wrong.unnamed")]
    except ItemError as error:
        complaints[TASK_NAME] = [str(error)]
    return (namespace, draft.text(OBJECT_NAME) or str(task_id(task_name))), complaints


async def _judged(visit: Visit, key: Key, manifest: dict[str, Any], *, dry_run: bool) -> Complaints:
    client, text = visit.console.client, visit.language.text
    try:
        await client.create(key[0], manifest, dry_run=dry_run)
    except AlreadyExistsError:
        there = await client.get(*key)
        made_by = manifest["metadata"]["annotations"][ADD_REQUEST_ANNOTATION]
        if there and there.metadata.annotations.get(ADD_REQUEST_ANNOTATION) == made_by:
            return {}
        return {TASK_NAME: [text("form.wrong.taken", name=key[1])]}
    except InvalidError as error:
        return of_refusal(error)
    except UnavailableError as error:
        return {"": [text("form.unsure", why=error) if error.sent else str(error)]}
    except ApiError as error:
        return {"": [str(error)]}
    return {}


def _patch(task: CronTask, built: Built) -> JsonPatch:
    """Return the operations, none if nothing would change; status writes are no conflict."""
    meta, changes = task.metadata, JsonPatch()
    if built.spec != task.spec:
        changes.append({"op": "replace", "path": "/spec", "value": built.spec})
    if built.labels != meta.labels:
        path, before = ("/metadata/labels", meta.labels)
        # Labels leave the generation as it is. Where there are none yet, none can be tested.
        test = ("/metadata/resourceVersion", meta.resource_version)
        changes += [
            _test(path, before) if before else _test(*test),
            {"op": "add", "path": path, "value": built.labels},
        ]
    if not changes:
        return []
    tests = (("/metadata/uid", meta.uid), ("/metadata/generation", meta.generation))
    return [*(_test(*each) for each in tests), *changes]


def _test(path: str, value: object) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


async def _has_changed(visit: Visit, task: CronTask) -> bool:
    # The API server answers a failed test and a refused value alike.
    meta = task.metadata
    now_is = await visit.console.client.get(meta.namespace, meta.name)
    return now_is is None or now_is.metadata.resource_version != meta.resource_version


def _add(complaints: Complaints, more: Complaints) -> None:
    for name, sentences in more.items():
        complaints.setdefault(name, sentences)


def _fingerprint(built: Built) -> str:
    content = msgspec.json.encode([built.spec, built.labels])
    return hashlib.blake2b(content, digest_size=8).hexdigest()

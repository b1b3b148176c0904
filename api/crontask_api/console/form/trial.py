"""trial makes a test call of a draft, for the form: what would be sent, and what comes back.

The call is made by the operator, as that of any run: with its addresses, its proxy, its
guard and its Secrets. It is that of a CronTask which runs once, now, and is deleted when the
answer is there. If the facade dies before, the operator deletes it.
"""

import asyncio
import math
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crontask_api.auth.authenticator import ANONYMOUS
from crontask_api.console.form.complaints import Complaints, of_refusal
from crontask_api.console.form.draft import Draft
from crontask_api.console.form.judging import Origin, judge, judge_as_operator
from crontask_api.console.form.saving import may_create, report
from crontask_api.console.frame.visit import Visit
from crontask_api.console.live.row import Key
from crontask_api.console.runs.by_run import Attempt, by_run
from crontask_api.console.task.history import rows_of
from crontask_api.kube.objects import CronTask
from crontask_core.constants import API_VERSION, FACADE_MANAGER, GROUP, KIND, MANAGED_BY_LABEL
from crontask_core.enums import RunStatus
from crontask_core.times import rfc3339
from crontask_kube.errors import ApiError, InvalidError, NotFoundError

LABEL: Final = f"{GROUP}/test-call"
"""Tells the tasks that were made for a test call."""

MOST_SECONDS: Final = 20
"""For an answer: a person waits for it, and so does a browser."""

GRACE_SECONDS: Final = 5.0
"""For the operator to take the task up, and to write what came of it."""

LOOK_SECONDS: Final = 1.0
"""Between two looks where the view of the tasks tells of no change."""

KEPT_SECONDS: Final = 60
"""After which the operator deletes the task, if nobody did."""

NAME_CHARACTERS: Final = 253
"""Of a task's name."""

_NOT_TRIED: Final = ("schedule", "at", "retry", "missedRunPolicy", "concurrencyPolicy", "suspend")
"""What says when and how often, which is now and once."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test call: the attempt, or why there is none."""

    attempt: Attempt | None = None
    why: str = ""
    complaints: Complaints = field(default_factory=dict)


async def try_out(visit: Visit, namespace: str, name: str, draft: Draft, origin: Origin) -> Trial:
    """Make the call of `draft`; `name` is that of its task, for people.

    Raises
    ------
    ApiError
        If the API server had to be asked for rights, and is away.
    """
    text, holder = visit.language.text, _holder(visit)
    trials = visit.console.trials
    if wait := math.ceil(trials.wait_seconds(holder)):
        return Trial(why=text("form.try.wait", seconds=wait))
    if complaints := await may_create(visit, namespace):
        return Trial(complaints=complaints)
    built, complaints = await judge(visit, namespace, draft, origin)
    manifest = _manifest(built.spec, name or text("form.new"), visit)
    if complaints:
        return Trial(complaints=complaints)
    trials.count(holder)
    try:
        await visit.console.client.create(namespace, manifest, dry_run=True)
        if complaints := judge_as_operator(manifest["spec"], visit.console.now(), ""):
            return Trial(complaints=complaints)
        return await _called(visit, (namespace, manifest["metadata"]["name"]), manifest)
    except InvalidError as error:
        return Trial(complaints=of_refusal(error))
    except ApiError as error:
        return Trial(why=str(error))


def _holder(visit: Visit) -> str:
    """Return whose calls are counted together; where nobody is known, those of an address."""
    identity = visit.identity
    return f"address {visit.address}" if identity is ANONYMOUS else f"user {identity.name}"


def _manifest(spec: dict[str, Any], name: str, visit: Visit) -> dict[str, Any]:
    now = datetime.fromtimestamp(visit.console.now(), UTC)
    once = {key: value for key, value in spec.items() if key not in _NOT_TRIED}
    timeout = spec.get("timeoutSeconds", MOST_SECONDS)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": f"test-call-{secrets.token_hex(8)}",
            "labels": {MANAGED_BY_LABEL: FACADE_MANAGER, LABEL: "true"},
        },
        "spec": {
            **once,
            "taskName": visit.language.text("form.try.name", name=name)[:NAME_CHARACTERS],
            "type": "Single",
            # What has passed when an operator takes it up runs at once, whatever its clock.
            "at": rfc3339((now - timedelta(seconds=1)).replace(microsecond=0)),
            "timeoutSeconds": min(timeout, MOST_SECONDS) if isinstance(timeout, int) else timeout,
            "historyLimit": 1,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
        },
    }


async def _called(visit: Visit, key: Key, manifest: dict[str, Any]) -> Trial:
    client = visit.console.client
    report(visit, "try", key, {})
    timeout = manifest["spec"]["timeoutSeconds"] + GRACE_SECONDS
    with visit.console.board.listen(key) as listener:
        try:
            await client.create(key[0], manifest)
            async with asyncio.timeout(timeout):
                while True:
                    task = await client.get(*key)
                    if task is None or (attempt := _ended(visit, task)):
                        break
                    await listener.changed(LOOK_SECONDS)
        except TimeoutError:
            return Trial(why=visit.language.text("form.try.silent", seconds=int(timeout)))
        finally:
            # Also where the browser has gone, and the request with it.
            await asyncio.shield(_deleted(visit, key))
    if task is None:
        return Trial(why=visit.language.text("task.gone"))
    return Trial(attempt)


def _ended(visit: Visit, task: CronTask) -> Attempt | None:
    rows = rows_of(task, task.typed_status())[:1]
    if not rows or rows[0].status is RunStatus.STARTED:
        return None
    (run,) = by_run(rows, visit.language, visit.console.now(), task.typed_spec())
    # It was due when somebody asked for it.
    return replace(run.attempts[0], queued="")


async def _deleted(visit: Visit, key: Key) -> None:
    try:
        task = await visit.console.client.get(*key)
        if task is not None:
            await visit.console.client.delete(*key, uid=task.metadata.uid)
    except NotFoundError:
        return
    except ApiError:
        # The operator deletes it then.
        return

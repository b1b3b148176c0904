"""view shows a CronTask by the documented fields, for the endpoints that read tasks."""

from typing import Any, Final

from crontask_api.codes import Enable
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.callback import from_callback
from crontask_api.mapping.outcome import format_redo_param
from crontask_api.mapping.records import STATUSES
from crontask_api.mapping.start_time import format_start_time
from crontask_api.mapping.task_type import type_number
from crontask_api.schemas.responses import Task
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus
from crontask_core.times import rfc3339

_ACCEPTED: Final = "Accepted"


def to_view(task: CronTask) -> Task:
    """Return `task` as ``get_task`` and ``list_task`` answer it.

    Raises
    ------
    SpecError
        If another version wrote what this one cannot read.
    """
    spec = task.typed_spec()
    return Task(
        task_id=task.metadata.name,
        **to_item(task.task_name, spec),
        namespace=task.metadata.namespace,
        created_time=task.metadata.creation_timestamp,
        **_observed(task.typed_status()),
    )


def to_item(name: str, spec: CronTaskSpec) -> dict[str, Any]:
    """Return the item that adds a task called `name` with what it can say of `spec`."""
    return {
        "name": name,
        "enable": Enable.OFF if spec.suspend else Enable.ON,
        "module": spec.module,
        "type": type_number(spec),
        "start_time": format_start_time(spec.schedule, spec.at),
        **from_callback(spec.callback),
        "resp_regexp": spec.expect.body_regex,
        "redo_param": format_redo_param(spec.retry),
        "time_zone": spec.time_zone,
    }


def _observed(status: CronTaskStatus) -> dict[str, Any]:
    last = status.last_run
    next_time = status.next_run_time
    complaints = [
        condition.message
        for condition in status.conditions
        if condition.type == _ACCEPTED and condition.status == "False"
    ]
    return {
        "phase": status.phase or "",
        "message": "; ".join(complaints),
        "next_run_time": "" if next_time is None else rfc3339(next_time),
        "last_run_time": "" if last is None else rfc3339(last.time),
        "last_status": None if last is None else STATUSES[last.status],
        "consecutive_failures": status.consecutive_failures,
    }

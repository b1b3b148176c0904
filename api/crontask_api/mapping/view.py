"""A CronTask -> the documented fields, with what the cluster adds to them."""

from typing import Any

from crontask_api.codes import Enable
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.callback import from_callback
from crontask_api.mapping.outcome import format_redo_param
from crontask_api.mapping.start_time import format_start_time
from crontask_api.mapping.task_type import type_number
from crontask_core.spec import CronTaskSpec


def to_item(name: str, spec: CronTaskSpec) -> dict[str, Any]:
    """Return the item that would add a task called `name` with this `spec`."""
    return {
        "name": name,
        "enable": Enable.OFF if spec.suspend else Enable.ON,
        "module": spec.module,
        "type": type_number(spec),
        "start_time": format_start_time(spec.schedule, spec.at),
        **from_callback(spec.callback),
        "resp_regexp": spec.expect.body_regex,
        "redo_param": format_redo_param(spec.retry),
    }


def to_view(task: CronTask) -> dict[str, Any]:
    """Return `task` as ``get_task`` and ``list_task`` answer it.

    Raises
    ------
    SpecError
        If another version wrote what this one cannot read.
    """
    return {"task_id": task.metadata.name, **to_item(task.task_name, task.typed_spec())}

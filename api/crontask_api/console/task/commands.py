"""kubectl_of and curl_of write the commands that make a task once more, to be copied.

What is in a task goes in by a here-document whose end is quoted, so that no shell reads it.
"""

import json
import shlex
from typing import Any, Final

from crontask_api.codes import TaskTypeNumber
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.view import to_item
from crontask_api.web.namespaces import HEADER
from crontask_core.spec import CronTaskSpec

END: Final = "END_OF_TASK"
"""No line of either text can be that: YAML is indented within an object, JSON is quoted."""

ADD: Final = "/crontab/add_task"


_ANY_TYPE: Final = TaskTypeNumber.INTERVAL
"""``add_task`` wants one; of a task that has none it says nothing."""


def kubectl_of(manifest: str) -> str:
    """Return the command that applies a manifest."""
    return f"kubectl apply -f - <<'{END}'\n{manifest.rstrip()}\n{END}\n"


def curl_of(task: CronTask, spec: CronTaskSpec, base: str, *, takes_tokens: bool) -> str:
    """Return the call of ``add_task`` that makes such a task, as far as it can say that.

    `base` is where the facade is reached, without a path.
    """
    item = {"type": _ANY_TYPE, **_given(to_item(task.task_name, spec))}
    # In ASCII, so that what is copied is what was meant, whatever a page shows of it.
    body = json.dumps({"task_list": [item]}, indent=2)
    headers = ["Content-Type: application/json", f"{HEADER}: {task.metadata.namespace}"]
    given = [f"  --header {shlex.quote(header)} \\" for header in headers]
    token = ['  --header "Authorization: Bearer $TOKEN" \\'] if takes_tokens else []
    lines = [f"curl {shlex.quote(base.rstrip('/') + ADD)} \\", *token, *given, "  --data @- "]
    return "\n".join(lines) + f"<<'{END}'\n{body}\n{END}\n"


def _given(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}

"""results says what an endpoint answers for each item, for the services."""

from typing import Any

from crontask_api.codes import Code
from crontask_api.errors import FacadeError, ItemError
from crontask_api.kube.answers import code_of_refusal
from crontask_api.kube.objects import CronTask
from crontask_api.schemas.fields import MAX_NAME_LENGTH
from crontask_api.schemas.responses import TaskResult
from crontask_core.errors import CronTaskError
from crontask_kube.errors import InvalidError


def done(task: CronTask) -> TaskResult:
    """Return the result of an item that was done to `task`."""
    return TaskResult(task.metadata.name, task.task_name, "", Code.OK)


def failed(fields: Any, error: FacadeError | CronTaskError) -> TaskResult:
    """Return the result of an item, as the client gave it, that `error` ended."""
    return TaskResult(*given(fields), str(error), code_of(error))


def given(fields: Any) -> tuple[str, str]:
    """Return the id and the name that the client sent, as far as they are readable."""
    task_id, name = ("", "")
    if isinstance(fields, dict):
        task_id, name = fields.get("task_id", ""), fields.get("name", "")
    is_number = isinstance(task_id, int) and not isinstance(task_id, bool)
    return (
        _cut(str(task_id) if is_number or isinstance(task_id, str) else ""),
        _cut(name if isinstance(name, str) else ""),
    )


def _cut(text: str) -> str:
    # Neither an id nor a name can be longer, and what is none is not sent back whole.
    return text if len(text) <= MAX_NAME_LENGTH else f"{text[:MAX_NAME_LENGTH]}..."


def code_of(error: FacadeError | CronTaskError) -> Code:
    """Return the document's number for `error`."""
    if isinstance(error, ItemError):
        return error.code
    if isinstance(error, InvalidError):
        return code_of_refusal(error)
    return Code.SYSTEM_ERROR

"""Turning tasks on and off."""

from typing import Any

from crontask_api.codes import Enable
from crontask_api.schemas.items import TaskRef, UpdateItem
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.batch import answer_parsed
from crontask_api.service.context import Context
from crontask_api.service.lookup import reference_key
from crontask_api.service.update_task import update_task


async def switch_tasks(context: Context, items: list[Any], enable: Enable) -> list[TaskResult]:
    """Update the tasks that `items` mean with `enable`; return how each went."""

    async def switch(context: Context, ref: TaskRef) -> TaskResult:
        item = UpdateItem(task_id=ref.task_id, name=ref.name, enable=enable)
        return await update_task(context, item)

    return await answer_parsed(context, items, TaskRef, switch, key=reference_key)

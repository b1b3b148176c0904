"""Reading some tasks, by reference."""

from typing import Any

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.mapping.view import to_view
from crontask_api.results import done
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.responses import Task, TaskResult, Tasks
from crontask_api.service.answer_room import MOST_BYTES, AnswerRoom
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task, reference_key


async def get_tasks(context: Context, items: list[Any]) -> Tasks:
    """Return how the look-up of each item went, and the tasks found, in that order.

    A task that is asked for twice is returned once, and read once if the items are alike.
    """
    found: dict[int, Task] = {}
    seen: set[str] = set()
    known: dict[tuple[str | None, str | None], TaskResult] = {}
    room = AnswerRoom(context.hold_answer)

    async def read(index: int, fields: Any) -> TaskResult:
        reference = parse_item(TaskRef, fields)
        asked = (reference.task_id, reference.name)
        if asked in known:
            return known[asked]
        task = await find_task(context.client, context.namespace, reference)
        if task.metadata.name not in seen:
            view = to_view(task)
            if not room.take(view):
                raise ItemError(
                    Code.SYSTEM_ERROR,
                    f"the answer would hold more than {MOST_BYTES} bytes; ask for fewer tasks",
                )
            seen.add(task.metadata.name)
            found[index] = view
        result = known[asked] = done(task)
        return result

    # Items that are alike have the same key, so the first is read before the second's turn.
    results = await answer_each(
        items, read, key=reference_key, timeout_seconds=context.timeout_seconds
    )
    return Tasks(results, [found[index] for index in sorted(found)])

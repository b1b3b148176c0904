"""task_type maps ``type`` to ``spec.type`` and back, for all mappings."""

from typing import Final

from crontask_api.codes import TaskTypeNumber
from crontask_core.enums import TaskType
from crontask_core.spec import CronTaskSpec

TYPES: Final = {
    TaskTypeNumber.SINGLE: TaskType.SINGLE,
    TaskTypeNumber.INTERVAL: TaskType.INTERVAL,
    TaskTypeNumber.HOUR: TaskType.HOUR,
    TaskTypeNumber.DAILY: TaskType.DAILY,
    TaskTypeNumber.MONTH: TaskType.MONTH,
    TaskTypeNumber.YEAR: TaskType.YEAR,
    TaskTypeNumber.WEEK: TaskType.WEEK,
}
_NUMBERS: Final = {word: number for number, word in TYPES.items()}


def type_number(spec: CronTaskSpec) -> TaskTypeNumber | None:
    """Return the document's number; None for a task of kubectl's that states no type."""
    if spec.is_one_shot:
        return TaskTypeNumber.SINGLE
    return None if spec.type is None else _NUMBERS[spec.type]

"""Values that the examples of several endpoints share."""

from typing import Any, Final

Json = dict[str, Any]

RESULT: Final[Json] = {"task_id": "3563671045221921", "name": "定时改价", "err": "", "code": 0}
MISSING: Final[Json] = {
    "task_id": "",
    "name": "no such task",
    "err": "no task with name 'no such task'",
    "code": 5,
}
BY_NAME: Final[Json] = {"task_list": [{"name": "定时改价"}]}

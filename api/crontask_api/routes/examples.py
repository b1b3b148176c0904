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

RECORD: Final[Json] = {
    "task_id": "3563671045221921",
    "name": "定时改价",
    "run_type": 1,
    "status": 3,
    "begin_time": "2026-03-01T02:30:00.004Z",
    "end_time": "2026-03-01T02:30:00.031Z",
    "url": "http://prices.shop.svc:8080/refresh",
    "body": '{"scope": "all"}',
    "resp": "busy",
    "execution_id": "47a96f5b4139c06d78cd5e4a20e6874f",
    "attempt": 1,
    "scheduled_time": "2026-03-01T02:30:00Z",
    "code": 503,
    "reason": "UnexpectedStatus",
    "error": "expected status 200-299, got 503",
}

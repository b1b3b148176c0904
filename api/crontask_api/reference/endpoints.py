"""What each endpoint is for, with an example that works as it stands."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from crontask_api.schemas import requests, responses

Json = dict[str, Any]

RESULT: Final[Json] = {"task_id": "3563671045221921", "name": "定时改价", "err": "", "code": 0}
MISSING: Final[Json] = {
    "task_id": "",
    "name": "no such task",
    "err": "no task with name 'no such task'",
    "code": 5,
}
ADDED: Final[Json] = {
    "name": "定时改价",
    "enable": 1,
    "module": 2,
    "type": 4,
    "start_time": "0 30 2 * * *",
    "url": "http://prices.shop.svc:8080/refresh",
    "method": "post",
    "resp_regexp": '"code":\\s*0',
    "body": '{"scope": "all"}',
    "body_type": 1,
    "redo_param": "2 4 8",
}
BY_NAME: Final[Json] = {"task_list": [{"name": "定时改价"}]}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One POST endpoint below ``/crontab``."""

    name: str
    summary: str
    description: str
    request: type[BaseModel]
    data: type[BaseModel]
    example: Json
    answer: Json
    """Data of the answer to `example`."""
    is_documented: bool = False
    """Whether the original service had it."""
    takes_key: bool = False
    """Whether it reads the header Idempotency-Key."""
    body_required: bool = True


ENDPOINTS: Final = (
    Endpoint(
        name="add_task",
        summary="Add tasks. 添加定时任务",
        description="Adds each task of the list. A name must be unique: "
        "每次添加任务需要保证名字唯一, 否则添加失败. "
        "Of equal names in one batch, the first that can be used wins.",
        request=requests.AddRequest,
        data=responses.TaskResults,
        example={
            "task_list": [
                ADDED,
                {
                    "name": "close the sale",
                    "enable": 1,
                    "module": 2,
                    "type": 1,
                    "start_time": 1893456000,
                    "url": "sales.shop.svc:50051/shop.v1.Sales.Close",
                    "method": "rpc",
                },
            ]
        },
        answer={
            "task_result": [
                RESULT,
                {"task_id": "4155978024811495", "name": "close the sale", "err": "", "code": 0},
            ]
        },
        is_documented=True,
        takes_key=True,
    ),
    Endpoint(
        name="update_task",
        summary="Change tasks. 修改定时任务的配置",
        description="Changes the fields that are given and keeps the others; an empty string "
        "clears an optional field. The task is found by task_id, and if that leads to none, by "
        "name: 优先选择task_id更新, 如果task_id和name都无效, 则不执行操作. A task that was given "
        "Secrets or headers with kubectl keeps them, for the destination they were given for: "
        "another scheme, host or port of url, and another resp_regexp, which could find out "
        "what they are, is refused (code 4), unless the service checks "
        "clients against the cluster and the client may get each of these Secrets, or CronTasks, "
        "there.",
        request=requests.UpdateRequest,
        data=responses.TaskResults,
        example={
            "task_list": [
                {"task_id": 3563671045221921, "start_time": "0 0 3 * * *", "redo_param": ""},
                {"name": "no such task", "enable": 2},
            ]
        },
        answer={"task_result": [RESULT, MISSING]},
        is_documented=True,
    ),
    Endpoint(
        name="query_task_status",
        summary="Read the log of tasks. 查询定时任务执行结果",
        description="Returns the attempts of all tasks asked for, newest first. A task keeps its "
        "latest ten attempts (spec.historyLimit). 优先根据task_id查询, 否则选择name查询.",
        request=requests.QueryRequest,
        data=responses.Logs,
        example={"task_list": [{"name": "定时改价"}], "status": 3, "limit": 100},
        answer={
            "task_result": [RESULT],
            "log_list": [
                {
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
            ],
            "next_cursor": "",
        },
        is_documented=True,
    ),
    Endpoint(
        name="run_again_task",
        summary="Run tasks now. 重跑定时任务",
        description="Asks for one run of each task, whatever its schedule and even if it is "
        "disabled, and answers at once with the id that the run has in the log.",
        request=requests.RefRequest,
        data=responses.RunResults,
        example=BY_NAME,
        answer={"task_result": [RESULT | {"execution_id": "9be1f1dd3a5f0e1c2b7a4d6c8f9e0a1b"}]},
        is_documented=True,
    ),
    Endpoint(
        name="get_task",
        summary="Read tasks",
        description="Returns the tasks asked for as they are now, with what came of them.",
        request=requests.RefRequest,
        data=responses.Tasks,
        example=BY_NAME,
        answer={"task_result": [RESULT], "task_list": [responses.TASK_EXAMPLE]},
    ),
    Endpoint(
        name="list_task",
        summary="List tasks",
        description="Returns the tasks of the namespace that meet all the filters, a page at a "
        "time. A page may hold fewer than limit; only an empty next_cursor is the end.",
        request=requests.ListOptions,
        data=responses.TaskPage,
        example={"module": 2, "enable": 1, "text": "改价", "limit": 100},
        answer={"task_list": [responses.TASK_EXAMPLE], "next_cursor": ""},
        body_required=False,
    ),
    Endpoint(
        name="delete_task",
        summary="Delete tasks",
        description="Deletes tasks and their log. Their names are free again.",
        request=requests.RefRequest,
        data=responses.TaskResults,
        example=BY_NAME,
        answer={"task_result": [RESULT]},
    ),
    Endpoint(
        name="pause_task",
        summary="Turn tasks off",
        description="The same as an update with enable 2.",
        request=requests.RefRequest,
        data=responses.TaskResults,
        example=BY_NAME,
        answer={"task_result": [RESULT]},
    ),
    Endpoint(
        name="resume_task",
        summary="Turn tasks on",
        description="The same as an update with enable 1. Runs that would have been due "
        "meanwhile are not made up for.",
        request=requests.RefRequest,
        data=responses.TaskResults,
        example=BY_NAME,
        answer={"task_result": [RESULT]},
    ),
    Endpoint(
        name="preview",
        summary="Try a start time out",
        description="Returns the next moments of a start time, so that it can be judged before "
        "it is used.",
        request=requests.PreviewRequest,
        data=responses.Times,
        example={
            "start_time": "0 30 2 * * *",
            "time_zone": "Asia/Shanghai",
            "after": "2026-03-01T00:00:00Z",
            "count": 2,
        },
        answer={"times": ["2026-03-02T02:30:00+08:00", "2026-03-03T02:30:00+08:00"]},
    ),
)

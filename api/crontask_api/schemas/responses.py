"""Responses: what the endpoints answer, and what the OpenAPI document says of that.

They are plain dataclasses, which msgspec encodes at once and pydantic describes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from crontask_api.codes import (
    BodyTypeNumber,
    Code,
    Enable,
    RunStatusNumber,
    RunTypeNumber,
    TaskTypeNumber,
)
from crontask_api.schemas.fields import shown_as

CLOSED: Final = ConfigDict(extra="forbid")
"""An answer holds the fields of its type and no others, and all of them."""

_ORDER: Final = "How each item went, in the order of the request."
CURSOR: Final = "For the next page; empty if this is the last."
_1_TO_3: Final[dict[str, object]] = {"type": "integer", "enum": [1, 2, 3]}

TASK_EXAMPLE: Final[dict[str, Any]] = {
    "task_id": "3563671045221921",
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
    "namespace": "default",
    "time_zone": "UTC",
    "created_time": "2026-02-27T09:14:07Z",
    "phase": "Active",
    "message": "",
    "next_run_time": "2026-03-02T02:30:00Z",
    "last_run_time": "2026-03-01T02:30:00.031Z",
    "last_status": 3,
    "consecutive_failures": 1,
}


@dataclass(frozen=True, slots=True)
class Nothing:
    """What stands in place of data where there is none."""

    __pydantic_config__: ClassVar = CLOSED


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How one item went."""

    __pydantic_config__: ClassVar = CLOSED

    task_id: Annotated[str, Field(description="Id of the task.")]
    name: Annotated[str, Field(description="Name of the task. 任务名称")]
    err: Annotated[
        str, Field(description="What went wrong; empty if nothing. 如果错误的话, 会填入错误信息")
    ]
    code: Annotated[
        Code,
        shown_as(
            {"type": "integer", "enum": [0, 1, 2, 3, 4, 5, 6, -1]},
            "0 done, 1 another field, 2 type, 3 start_time, 4 url or method, "
            "5 no such task, 6 the name exists, -1 system error.",
        ),
    ]


@dataclass(frozen=True, slots=True)
class RunResult(TaskResult):
    """How one request for a run went."""

    execution_id: Annotated[
        str, Field(description="Id of the run in the log; absent if there will be none.")
    ] = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One attempt to call a task's target."""

    __pydantic_config__: ClassVar = CLOSED

    task_id: Annotated[str, Field(description="Id of the task.")]
    name: Annotated[str, Field(description="Name of the task. 任务名称")]
    run_type: Annotated[
        RunTypeNumber,
        shown_as(_1_TO_3, "1 scheduled, 2 retry, 3 asked for. 任务执行方式 1 正常启动, 2 重试"),
    ]
    status: Annotated[
        RunStatusNumber,
        shown_as(
            _1_TO_3,
            "1 started, 2 succeeded, 3 failed. 执行状态 1 开始执行, 2 执行成功, 3 执行失败",
        ),
    ]
    begin_time: Annotated[str, Field(description="RFC 3339. 开始执行任务时间")]
    end_time: Annotated[str, Field(description="RFC 3339; empty in flight. 结束执行时间")]
    url: Annotated[str, Field(description="What was called. 任务访问的url")]
    body: Annotated[str, Field(description="What was sent, perhaps cut. body内容")]
    resp: Annotated[str, Field(description="What was answered, perhaps cut. 回包内容")]
    execution_id: Annotated[str, Field(description="The run; the same for all its attempts.")]
    attempt: Annotated[int, Field(description="1 for the first attempt, then counted up.")]
    scheduled_time: Annotated[str, Field(description="RFC 3339: when the run was due.")]
    code: Annotated[int | None, Field(description="HTTP or gRPC status, if there was one.")]
    reason: Annotated[str, Field(description="How the attempt ended, in one word.")]
    error: Annotated[str, Field(description="Why it failed; else empty.")]


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it is now."""

    __pydantic_config__: ClassVar = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [TASK_EXAMPLE]}
    )

    task_id: Annotated[str, Field(description="Id of the task.")]
    name: Annotated[str, Field(description="Name of the task. 任务名称")]
    enable: Annotated[
        Enable, shown_as({"type": "integer", "enum": [1, 2]}, "1 on, 2 off. 1 开启, 2 停用")
    ]
    module: Annotated[int, Field(description="Number of the module. 任务所属模块")]
    type: Annotated[
        TaskTypeNumber | None,
        shown_as(
            {"anyOf": [{"type": "integer", "enum": [1, 2, 3, 4, 5, 6, 7]}, {"type": "null"}]},
            "As in add_task; null for a task of kubectl's that states none.",
        ),
    ]
    start_time: Annotated[
        int | float | str, Field(description="A timestamp as a number, a cron expression as text.")
    ]
    url: Annotated[str, Field(description="What is called.")]
    method: Annotated[
        str,
        Field(description="post, get or rpc; a task of kubectl's may use a further HTTP method."),
    ]
    body: Annotated[str, Field(description="Body of the request.")]
    body_type: Annotated[
        BodyTypeNumber, shown_as({"type": "integer", "enum": [1, 2]}, "1 JSON, 2 form.")
    ]
    resp_regexp: Annotated[str, Field(description="What an answer must match; empty: anything.")]
    redo_param: Annotated[str, Field(description="Seconds before each retry.")]
    namespace: Annotated[str, Field(description="Namespace of the task.")]
    time_zone: Annotated[str, Field(description="IANA time zone of the cron expression.")]
    created_time: Annotated[str, Field(description="RFC 3339.")]
    phase: Annotated[
        str,
        shown_as(
            {
                "type": "string",
                "enum": ["", "Active", "Suspended", "Invalid", "Succeeded", "Failed"],
            },
            "Where the task stands; empty until the operator has seen it.",
        ),
    ]
    message: Annotated[str, Field(description="Why the task is Invalid; else empty.")]
    next_run_time: Annotated[str, Field(description="RFC 3339; empty if there is none.")]
    last_run_time: Annotated[str, Field(description="RFC 3339; empty if there was none.")]
    last_status: Annotated[
        RunStatusNumber | None,
        shown_as({"anyOf": [_1_TO_3, {"type": "null"}]}, "As status in the log."),
    ]
    consecutive_failures: Annotated[int, Field(description="Runs failed since one succeeded.")]


@dataclass(frozen=True, slots=True)
class TaskResults:
    """How the items went, in the order of the request."""

    __pydantic_config__: ClassVar = CLOSED

    task_result: Annotated[list[TaskResult], Field(description=_ORDER)]


@dataclass(frozen=True, slots=True)
class RunResults:
    """How the items went, in the order of the request."""

    __pydantic_config__: ClassVar = CLOSED

    task_result: Annotated[list[RunResult | SkipJsonSchema[TaskResult]], Field(description=_ORDER)]


class Source(StrEnum):
    """Where a log was read."""

    HISTORY = "history"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Logs(TaskResults):
    """The log."""

    log_list: Annotated[list[LogEntry], Field(description="Newest first.")]
    next_cursor: Annotated[str, Field(description=CURSOR)]
    source: Annotated[
        Source,
        shown_as(
            {"type": "string", "enum": [*Source]},
            "history: everything that is kept; status: the latest attempts of each task, since "
            "no history is kept, or it is away, of which msg warns.",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Tasks(TaskResults):
    """The tasks found, in the order of the request."""

    task_list: Annotated[list[Task], Field(description="The tasks.")]


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a list."""

    __pydantic_config__: ClassVar = CLOSED

    task_list: Annotated[list[Task], Field(description="The tasks.")]
    next_cursor: Annotated[str, Field(description=CURSOR)]


@dataclass(frozen=True, slots=True)
class Times:
    """The next moments."""

    __pydantic_config__: ClassVar = CLOSED

    times: Annotated[list[str], Field(description="RFC 3339, with the zone's offset.")]

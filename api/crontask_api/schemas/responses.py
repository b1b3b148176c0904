"""Responses, for the OpenAPI document. Answers are encoded from plain structures."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

DataT = TypeVar("DataT")


class Envelope(BaseModel, Generic[DataT]):
    """The form of every answer. ``data`` counts only if ``state`` is 0."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[
        Literal[0, 1, -1],
        Field(description="0 read, 1 the request cannot be used, -1 system error. 返回码"),
    ]
    msg: Annotated[str, Field(description="Error or warning; else empty. 错误信息")]
    data: DataT


class TaskResultModel(BaseModel):
    """How one item went."""

    model_config = ConfigDict(extra="forbid", title="TaskResult")

    task_id: Annotated[str, Field(description="Id of the task.")]
    name: Annotated[str, Field(description="Name of the task. 任务名称")]
    err: Annotated[
        str, Field(description="What went wrong; else empty. 如果错误的话, 会填入错误信息")
    ]
    code: Annotated[
        Literal[0, 1, 2, 3, 4, 5, 6, -1],
        Field(
            description="0 done, 1 another field, 2 type, 3 start_time, 4 url or method, "
            "5 no such task, 6 the name exists, -1 system error."
        ),
    ]


class RunResultModel(TaskResultModel):
    """How one request for a run went."""

    model_config = ConfigDict(extra="forbid", title="RunResult")

    execution_id: Annotated[
        str | None, Field(default=None, description="Id that the run will have in the log.")
    ]


class LogEntryModel(BaseModel):
    """One attempt to call a task's target."""

    model_config = ConfigDict(extra="forbid", title="LogEntry")

    task_id: str
    name: str
    run_type: Annotated[
        Literal[1, 2, 3],
        Field(description="1 scheduled, 2 retry, 3 asked for. 任务执行方式 1 正常启动, 2 重试"),
    ]
    status: Annotated[
        Literal[1, 2, 3],
        Field(
            description="1 started, 2 succeeded, 3 failed. "
            "执行状态 1 开始执行, 2 执行成功, 3 执行失败"
        ),
    ]
    begin_time: Annotated[str, Field(description="RFC 3339. 开始执行任务时间")]
    end_time: Annotated[str, Field(description="RFC 3339; empty in flight. 结束执行时间")]
    url: Annotated[str, Field(description="What was called. 任务访问的url")]
    body: Annotated[str, Field(description="What was sent, perhaps cut. body内容")]
    resp: Annotated[str, Field(description="What was answered, perhaps cut. 回包内容")]
    execution_id: Annotated[str, Field(description="The run; the same for all its attempts.")]
    attempt: Annotated[int, Field(description="1, then counted up for retries.")]
    scheduled_time: Annotated[str, Field(description="RFC 3339: when the run was due.")]
    code: Annotated[int | None, Field(description="HTTP or gRPC status, if there was one.")]
    reason: Annotated[str, Field(description="How the attempt ended, as one word.")]
    error: Annotated[str, Field(description="Why it failed; else empty.")]


class TaskResults(BaseModel):
    """Data of add and update."""

    model_config = ConfigDict(extra="forbid")

    task_result: list[TaskResultModel]


class RunResults(BaseModel):
    """Data of run again."""

    model_config = ConfigDict(extra="forbid")

    task_result: list[RunResultModel]


class Logs(BaseModel):
    """Data of a query."""

    model_config = ConfigDict(extra="forbid")

    log_list: Annotated[list[LogEntryModel], Field(description="Newest first.")]
    task_result: Annotated[
        list[TaskResultModel], Field(description="How the look-up of each item went.")
    ]


class Nothing(BaseModel):
    """Data of an answer that has none."""

    model_config = ConfigDict(extra="forbid")

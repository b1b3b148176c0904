"""fields holds the types of request fields, for `items` and `requests`.

JSON numbers, strings and booleans are told apart strictly: a client that sends
``"enable": "1"`` has a fault which a silent conversion would hide. The two exceptions
are the document's own: ``task_id`` and ``start_time`` are numbers or strings.
"""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from crontask_api.codes import (
    BodyTypeNumber,
    Enable,
    RunStatusNumber,
    RunTypeNumber,
    TaskTypeNumber,
)

MAX_NAME_LENGTH: Final = 253
"""Characters of a task's name, in any script."""

MAX_MODULE: Final = 2**31 - 1
"""Largest module number, that of ``spec.module``."""


def integer(value: object) -> object:
    """Return an integral JSON number as an int; raise ValueError for anything else."""
    # JSON has one kind of number, so that 1.0 is an integer (JSON Schema, 6.1.1).
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected an integer")
    return value


def string(value: object) -> object:
    """Return a JSON string; raise ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("expected a string")
    return value


def boolean(value: object) -> object:
    """Return true or false; raise ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _task_id(value: object) -> object:
    return value if isinstance(value, str) else str(integer(value))


def _number_or_string(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a number or a string")
    return value


def shown_as(schema: dict[str, object], description: str, *examples: object) -> WithJsonSchema:
    """Return what the OpenAPI document says of a field that a validator of ours checks."""
    whole = {**schema, "description": description}
    return WithJsonSchema({**whole, "examples": list(examples)} if examples else whole)


def either(*schemas: dict[str, object]) -> dict[str, object]:
    """Return the schema of a value that meets one of `schemas`.

    Generators of clients understand this, and not a list of types.
    """
    return {"anyOf": list(schemas)}


Integer = Annotated[int, BeforeValidator(integer)]
String = Annotated[str, BeforeValidator(string)]

Name = Annotated[
    str,
    Field(max_length=MAX_NAME_LENGTH),
    BeforeValidator(string),
    Field(
        description="Name of the task, in any language. 任务名称",
        examples=["定时改价"],
    ),
]
TaskId = Annotated[
    str,
    BeforeValidator(_task_id),
    shown_as(
        either({"type": "integer"}, {"type": "string"}),
        "Id of the task, a number or a string; preferred to the name. "
        "For a task made with kubectl it is metadata.name. 任务ID",
        "4821903345126675",
    ),
]
EnableField = Annotated[
    Enable,
    BeforeValidator(integer),
    shown_as(
        {"type": "integer", "enum": [1, 2]},
        "1 on, 2 off. 是否开启任务, 1 开启, 2 停用",
        1,
    ),
]
Module = Annotated[
    int,
    Field(ge=0, le=MAX_MODULE),
    BeforeValidator(integer),
    Field(
        description="Number of the module that the task belongs to. 任务所属模块",
        examples=[2],
    ),
]
TypeField = Annotated[
    TaskTypeNumber,
    BeforeValidator(integer),
    shown_as(
        {"type": "integer", "enum": [1, 2, 3, 4, 5, 6, 7]},
        "1 once, 2 interval, 3 hourly, 4 daily, 5 monthly, 6 yearly, 7 weekly. "
        "1 单次任务, 2 间隔任务, 3 时任务, 4 日任务, 5 月任务, 6 年任务, 7 周任务",
        4,
    ),
]
StartTime = Annotated[
    int | float | str,
    BeforeValidator(_number_or_string),
    shown_as(
        either({"type": "number"}, {"type": "string"}),
        "When to run: a Unix timestamp in seconds (type 1), or a cron expression "
        "of second, minute, hour, day, month and, if wanted, weekday, or a descriptor such as "
        "@hourly or @every 90s. "
        "任务开始时间, 绝对时间格式: 时间戳; 通配时间格式: 秒 分 时 日 月 星期",
        "0 30 2 * * *",
    ),
]
TimeZone = Annotated[
    String,
    Field(
        description="IANA time zone of a cron expression; if absent or empty, the service's "
        "default. An expression may also begin with TZ=zone, as in Go.",
        examples=["Asia/Shanghai"],
    ),
]
Url = Annotated[
    String,
    Field(
        description="What to call: http://addr:port/path for post and get, "
        "addr:port/handler.function for rpc. 回调的接口",
        examples=["http://prices.shop.svc:8080/refresh"],
    ),
]
Method = Annotated[
    String,
    Field(description="post, get or rpc, in any case. 回调方法 post, get, rpc", examples=["post"]),
]
RespRegexp = Annotated[
    String,
    Field(
        description="RE2 expression which the answer's body must match somewhere; * or empty: "
        "anything. 通过正则验证返回结果是否正确",
        examples=['"code":\\s*0'],
    ),
]
Body = Annotated[String, Field(description="Body of the request, sent as it is. body字符串, 透传")]
BodyTypeField = Annotated[
    BodyTypeNumber | Literal[""],
    shown_as(
        either({"type": "integer", "enum": [1, 2]}, {"type": "string", "enum": [""]}),
        "1 JSON (default), 2 form. Content-Type: 1 Json, 2 Form",
        1,
    ),
]
RedoParam = Annotated[
    String,
    Field(
        description="Seconds to wait before each retry after a failure, separated by spaces. "
        "回调失败重试间隔, 用空格分割, 单位秒",
        examples=["2 4 8"],
    ),
]
RunStatusField = Annotated[
    RunStatusNumber,
    BeforeValidator(integer),
    shown_as(
        {"type": "integer", "enum": [1, 2, 3]},
        "Only records of this status: 1 started, 2 succeeded, 3 failed.",
    ),
]
RunTypeField = Annotated[
    RunTypeNumber,
    BeforeValidator(integer),
    shown_as(
        {"type": "integer", "enum": [1, 2, 3]},
        "Only records of this run type: 1 scheduled, 2 retry, 3 asked for.",
    ),
]

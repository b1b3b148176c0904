"""requests types whole requests; ``Options`` classes hold what stands beside ``task_list``."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import WithJsonSchema

from crontask_api.schemas.fields import (
    EnableField,
    Module,
    RunStatusField,
    RunTypeField,
    StartTime,
    String,
    TimeZone,
    TypeField,
    either,
    integer,
    shown_as,
)
from crontask_api.schemas.items import AddItem, TaskRef, UpdateItem

MAX_LOG_ENTRIES: Final = 10_000
"""Records in one answer: the whole log of a full batch of tasks with ten records each."""

MAX_PAGE: Final = 500
"""Tasks in one page of a list."""

MAX_RUNS: Final = 1_000
"""Attempts in one page of the history."""

DEFAULT_RUNS: Final = 100
"""Attempts of it in one answer, unless the request says how many; the original service's."""

MAX_PREVIEW: Final = 100
"""Moments in one preview."""


_BATCH: Final = "Each item is answered for itself, in this order."


def _moment(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected an RFC 3339 time or a Unix timestamp in seconds")
    if isinstance(value, str):
        return value
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("expected a Unix timestamp in seconds") from error


def up_to(most: int) -> dict[str, object]:
    # null as for every member of a request: not given.
    return either({"type": "integer", "minimum": 1, "maximum": most}, {"type": "null"})


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected a moment in the years 1 to 9999 in UTC") from error


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    AfterValidator(_utc),
    WithJsonSchema(either({"type": "string"}, {"type": "number"})),
]


Begin = Annotated[
    Moment | None,
    Field(
        description="Only attempts that began at this moment or later: RFC 3339 or a Unix "
        "timestamp in seconds.",
        examples=["2026-03-29T08:30:00Z"],
    ),
]
End = Annotated[Moment | None, Field(description="Only attempts that began before this moment.")]


class Options(BaseModel):
    """Options of every request."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    namespace: Annotated[
        String | None,
        Field(
            description="Namespace of the tasks, where the settings allow another than the "
            "default. The header X-CronTask-Namespace says the same."
        ),
    ] = None


class QueryOptions(Options):
    """Filters and paging of a query."""

    status: RunStatusField | None = None
    run_type: RunTypeField | None = None
    begin: Begin = None
    end: End = None
    since: Annotated[Moment | None, Field(description="The same as begin.")] = None
    limit: Annotated[
        int | None,
        Field(ge=1, le=MAX_LOG_ENTRIES),
        BeforeValidator(integer),
        shown_as(
            up_to(MAX_LOG_ENTRIES),
            f"Most records in the answer. Where a history is kept: {DEFAULT_RUNS} if absent, and "
            f"{MAX_RUNS} at most; else all.",
        ),
    ] = None
    cursor: Annotated[
        String | None,
        Field(description="next_cursor of the answer before, to go on from there."),
    ] = None


class ListOptions(Options):
    """Filters and paging of a list of tasks."""

    module: Module | None = None
    type: TypeField | None = None
    enable: EnableField | None = None
    text: Annotated[
        String | None,
        Field(description="Only tasks with this text in name or url, in any case."),
    ] = None
    limit: Annotated[
        int,
        Field(ge=1, le=MAX_PAGE),
        BeforeValidator(integer),
        shown_as(
            up_to(MAX_PAGE),
            "Most tasks in the answer.",
        ),
    ] = 100
    cursor: Annotated[
        String | None,
        Field(description="next_cursor of the answer before, to go on from there."),
    ] = None


class PreviewRequest(Options):
    """A start time to try out."""

    start_time: StartTime
    time_zone: TimeZone | None = None
    count: Annotated[
        int,
        Field(ge=1, le=MAX_PREVIEW),
        BeforeValidator(integer),
        shown_as(up_to(MAX_PREVIEW), "Most moments."),
    ] = 5
    after: Annotated[
        Moment | None,
        Field(description="Only moments later than this: RFC 3339 or Unix; now if absent."),
    ] = None


class AddRequest(Options):
    """Tasks to add."""

    task_list: Annotated[list[AddItem], Field(description=f"The tasks. {_BATCH}")]


class UpdateRequest(Options):
    """Tasks to change."""

    task_list: Annotated[list[UpdateItem], Field(description=f"The tasks. {_BATCH}")]


class RefRequest(Options):
    """Tasks to find."""

    task_list: Annotated[list[TaskRef], Field(description=f"The tasks. {_BATCH}")]


class QueryRequest(QueryOptions):
    """Tasks whose log is asked for."""

    task_list: Annotated[list[TaskRef], Field(description=f"The tasks. {_BATCH}")]


REQUESTS: Final = (
    AddRequest,
    UpdateRequest,
    RefRequest,
    QueryRequest,
    ListOptions,
    PreviewRequest,
)
"""Whole bodies, for the OpenAPI document; those about runs are in `run_requests`."""

"""run_requests types requests about runs that the history keeps."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field, field_validator

from crontask_api.codes import RunStatusNumber
from crontask_api.schemas.fields import (
    Module,
    Name,
    RunStatusField,
    RunTypeField,
    String,
    TaskId,
    boolean,
    either,
    integer,
    shown_as,
    string,
)
from crontask_api.schemas.requests import DEFAULT_RUNS, MAX_RUNS, Begin, End, Options, up_to
from crontask_core.enums import Reason
from crontask_history.statistics import Per

MAX_SEARCHED: Final = 256
"""Characters of a text that is searched for in the history."""

MAX_REDRIVEN: Final = 500
"""Runs that one request has made again. Each task of them is read, and written once."""

MAX_SPANS: Final = 1_500
"""Spans of time in one answer of figures: a day in minutes, two months in hours."""


Text = Annotated[
    String | None,
    Field(
        max_length=MAX_SEARCHED,
        description="Only attempts with this text in body, answer or error, in any case of "
        "ASCII letters.",
    ),
]
Cursor = Annotated[
    String | None, Field(description="next_cursor of the answer before, to go on from there.")
]


class RunChoice(Options):
    """Which runs of the history are meant."""

    task_id: Annotated[
        TaskId | None, Field(description="Only runs of the task with this id. 任务ID")
    ] = None
    name: Annotated[
        Name | None, Field(description="Only runs of tasks with this name; task_id is faster.")
    ] = None
    module: Module | None = None
    status: RunStatusField | None = None
    run_type: RunTypeField | None = None
    reason: Annotated[
        Reason | None,
        BeforeValidator(string),
        Field(description="Only attempts that ended in this way, such as Timeout."),
    ] = None
    code: Annotated[
        int | None,
        Field(ge=-(2**31), lt=2**31),
        BeforeValidator(integer),
        shown_as(
            either({"type": "integer"}, {"type": "null"}),
            "Only attempts with this HTTP or gRPC status.",
        ),
    ] = None
    execution_id: Annotated[
        String | None, Field(pattern="^[0-9a-f]{1,64}$", description="Only attempts of this run.")
    ] = None
    redriven: Annotated[
        bool | None,
        Field(
            description="Only attempts of runs that redrive_runs made again, or of those that it "
            "did not."
        ),
        BeforeValidator(boolean),
    ] = None
    begin: Begin = None
    end: End = None


class RunsRequest(RunChoice):
    """Filters and paging of a list of runs."""

    text: Text = None
    texts: Annotated[
        bool,
        Field(description="Whether the answer holds body, resp and the whole of error."),
        BeforeValidator(boolean),
    ] = False
    oldest_first: Annotated[
        bool,
        Field(description="Whether the oldest comes first; else the newest."),
        BeforeValidator(boolean),
    ] = False
    limit: Annotated[
        int,
        Field(ge=1, le=MAX_RUNS),
        BeforeValidator(integer),
        shown_as(up_to(MAX_RUNS), "Most runs in the answer."),
    ] = DEFAULT_RUNS
    cursor: Cursor = None


class StatsRequest(RunChoice):
    """Which runs are to be counted, and in which spans of time."""

    per: Annotated[
        Per,
        BeforeValidator(string),
        shown_as(
            {"type": "string", "enum": [*Per]},
            "Length of the spans of time in which runs are counted. Days are those of UTC.",
        ),
    ] = Per.HOUR


class RedriveRequest(RunChoice):
    """Which failed runs are to be made again."""

    text: Text = None
    dry_run: Annotated[
        bool,
        Field(description="Whether only to tell what would be done. Nothing is done unless false."),
        BeforeValidator(boolean),
    ] = True
    limit: Annotated[
        int,
        Field(ge=1, le=MAX_REDRIVEN),
        BeforeValidator(integer),
        shown_as(up_to(MAX_REDRIVEN), "Most runs in the answer."),
    ] = DEFAULT_RUNS
    cursor: Cursor = None

    @field_validator("status")
    @classmethod
    def _check_failed(cls, status: RunStatusNumber | None) -> RunStatusNumber | None:
        if status not in (None, RunStatusNumber.FAILED):
            raise ValueError("expected 3, since only failed runs are made again")
        return status

    @field_validator("redriven")
    @classmethod
    def _check_once(cls, redriven: bool | None) -> bool | None:
        if redriven:
            raise ValueError("expected false, since no run is made again twice")
        return redriven


RUN_REQUESTS: Final = (RunsRequest, StatsRequest, RedriveRequest)
"""Whole bodies, for the OpenAPI document."""

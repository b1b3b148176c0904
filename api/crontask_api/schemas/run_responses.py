"""run_responses has what the endpoints answer about runs that the history keeps."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from pydantic import Field

from crontask_api.schemas.fields import shown_as
from crontask_api.schemas.responses import CLOSED, CURSOR, LogEntry, TaskResult
from crontask_history.statistics import Per

_SECONDS_OR_NULL: Final[dict[str, object]] = {"anyOf": [{"type": "number"}, {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class RunEntry(LogEntry):
    """One attempt of any task, from the history."""

    namespace: Annotated[str, Field(description="Namespace of the task.")]
    module: Annotated[int, Field(description="Number of the module. 任务所属模块")]
    lag_seconds: Annotated[float, Field(description="From the due moment to the begin.")]
    replica: Annotated[str, Field(description="The operator that made the attempt.")]
    redrive_of: Annotated[
        str, Field(description="The run that was made again by this one, if there is one.")
    ]
    redriven_by: Annotated[
        str, Field(description="The run by which this one was made again, if there is one.")
    ]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of the history."""

    __pydantic_config__: ClassVar = CLOSED

    run_list: Annotated[list[RunEntry], Field(description="The attempts.")]
    next_cursor: Annotated[str, Field(description=CURSOR)]


@dataclass(frozen=True, slots=True)
class RedriveResult(TaskResult):
    """What became, or would become, of one run that failed."""

    execution_id: Annotated[str, Field(description="The run that failed.")]
    scheduled_time: Annotated[str, Field(description="RFC 3339: when it was due.")]
    redrive_execution_id: Annotated[
        str, Field(description="The run that makes it again; empty if err says why there is none.")
    ]


@dataclass(frozen=True, slots=True)
class RedrivePage:
    """What became of the runs, oldest first."""

    __pydantic_config__: ClassVar = CLOSED

    dry_run: Annotated[bool, Field(description="Whether nothing was done.")]
    task_result: Annotated[list[RedriveResult], Field(description="How each went, oldest first.")]
    next_cursor: Annotated[str, Field(description=CURSOR)]


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Counts and spreads of some attempts. Seconds are null where there is nothing to measure."""

    __pydantic_config__: ClassVar = CLOSED

    runs: Annotated[int, Field(description="Runs whose first attempt began.")]
    failures: Annotated[int, Field(description="Attempts that failed.")]
    retries: Annotated[int, Field(description="Attempts after the first.")]
    lag_p50_seconds: Annotated[
        float | None,
        shown_as(
            _SECONDS_OR_NULL,
            "From the due moment to the begin, of first attempts by the schedule: half of them.",
        ),
    ]
    lag_p99_seconds: Annotated[
        float | None, shown_as(_SECONDS_OR_NULL, "The same: 99 in 100 of them.")
    ]
    duration_p50_seconds: Annotated[
        float | None,
        shown_as(
            _SECONDS_OR_NULL,
            "From the begin to the end, of attempts that were made and have ended: half of them.",
        ),
    ]
    duration_p99_seconds: Annotated[
        float | None, shown_as(_SECONDS_OR_NULL, "The same: 99 in 100 of them.")
    ]


@dataclass(frozen=True, slots=True)
class RunSpan(RunFigures):
    """Those of the attempts that began within a span of time."""

    begin_time: Annotated[str, Field(description="RFC 3339: begin of the span.")]


@dataclass(frozen=True, slots=True)
class TaskRunFigures(RunFigures):
    """Those of one task."""

    task_id: Annotated[str, Field(description="Id of the task.")]
    name: Annotated[str, Field(description="Latest name of the task. 任务名称")]


@dataclass(frozen=True, slots=True)
class RunStatistics:
    """Figures of runs."""

    __pydantic_config__: ClassVar = CLOSED

    per: Annotated[
        Per, shown_as({"type": "string", "enum": [*Per]}, "Length of each span of time.")
    ]
    span_list: Annotated[
        list[RunSpan], Field(description="All spans from begin to end, oldest first.")
    ]
    failing_list: Annotated[
        list[TaskRunFigures], Field(description="The ten tasks with most failures, if any.")
    ]
    slowest_list: Annotated[
        list[TaskRunFigures],
        Field(description="The ten tasks with the longest duration_p99_seconds."),
    ]

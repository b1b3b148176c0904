"""RunsQuery is what a list of runs is asked for, as its address says it."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, Field

from crontask_api.console.frame.asked import Asked
from crontask_api.schemas.fields import MAX_MODULE
from crontask_api.schemas.run_requests import MAX_SEARCHED
from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.filters import RunFilter

PAGE_SIZE: Final = 50

HISTORY_ALONE: Final = frozenset({"run_type", "reason", "code", "text"})
"""Filters by what the view of the statuses does not know."""


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        # The field of a form for a moment has no zone; its label says UTC.
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected a moment in the years 1 to 9999") from error


_Moment = Annotated[datetime, AfterValidator(_utc)]


class RunsQuery(Asked):
    """Filters and place of a list of runs, newest first."""

    path: ClassVar[str] = "/console/runs"

    text: Annotated[str, Field(max_length=MAX_SEARCHED)] = ""
    """In body, answer or error."""
    status: RunStatus | None = None
    namespace: Annotated[str, Field(max_length=63)] = ""
    task: Annotated[str, Field(max_length=253)] = ""
    """Name of a task's object, or the name that people gave the task."""
    module: Annotated[int, Field(ge=0, le=MAX_MODULE)] | None = None
    run_type: RunType | None = None
    reason: Reason | None = None
    code: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    begin: _Moment | None = None
    """Only what began at this moment or later."""
    end: _Moment | None = None
    """Only what began before this moment."""

    @property
    def is_narrowed(self) -> bool:
        """Whether there are filters besides status and text."""
        return bool(self.filters().keys() - {"status", "text"})

    def to_filter(self, namespace: str) -> RunFilter:
        """Return what to ask the history for, but for the task."""
        return RunFilter(
            namespace=namespace,
            module=self.module,
            statuses=() if self.status is None else (self.status,),
            run_types=() if self.run_type is None else (self.run_type,),
            reasons=() if self.reason is None else (self.reason,),
            code=self.code,
            begin=self.begin,
            end=self.end,
            text=self.text,
        )


def for_field(moment: datetime | None) -> str:
    """Return a moment as the field of a form has it, which knows no zone.

    It is as exact as records are, for a form that is sent again is to mean the same.
    """
    if moment is None:
        return ""
    is_whole = not (moment.second or moment.microsecond)
    return moment.replace(tzinfo=None).isoformat(timespec="minutes" if is_whole else "milliseconds")


class TaskRunsQuery(Asked):
    """Filters and place of the runs of one task; addresses begin after that of its page."""

    path: ClassVar[str] = ""

    status: RunStatus | None = None
    begin: _Moment | None = None
    end: _Moment | None = None

    @property
    def is_a_stretch(self) -> bool:
        """Whether only runs of some time are asked for."""
        return self.begin is not None or self.end is not None

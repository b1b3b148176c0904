"""RunFilter says which rows of the history are asked for, and Page what was found."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.row import RunRow


class Position(NamedTuple):
    """Place of a row in the order of time; no two rows share one."""

    begin_time: datetime
    attempt: int
    execution_id: str

    @classmethod
    def of(cls, row: RunRow) -> "Position":
        """Return the place of `row`."""
        return cls(row.begin_time, row.attempt, row.execution_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which rows are wanted; a filter that is None or empty lets all pass.

    Parameters
    ----------
    namespace
        Rows of this namespace alone: who may read one may not read all.
    name
        Name of the task's object.
    execution_id
        One run alone; with the `uid` of its task it is found at once.
    is_redriven
        Only attempts of runs that were made again, or of those that were not.
    begin, end
        Only attempts that began at `begin` or later, and before `end`.
    due_from
        Only runs that were due at this moment or later have a lag in figures of many runs;
        all are counted. A page of rows takes no heed of it.
    text
        Only attempts with this text in body, answer or error, in any case of ASCII letters.
    limit
        Most rows of the page.
    after
        Where the page before this one ended.
    newest_first
        The order, by the begin of the attempts.
    texts
        Whether the rows are to have their body, response and error.
    """

    namespace: str
    name: str | None = None
    uid: str | None = None
    execution_id: str | None = None
    task_name: str | None = None
    module: int | None = None
    statuses: tuple[RunStatus, ...] = ()
    run_types: tuple[RunType, ...] = ()
    reasons: tuple[Reason, ...] = ()
    code: int | None = None
    is_redriven: bool | None = None
    begin: datetime | None = None
    end: datetime | None = None
    due_from: datetime | None = None
    text: str = ""
    limit: int = 100
    after: Position | None = None
    newest_first: bool = True
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order that was asked for.

    `next` is where to go on, None at the end. A page may hold fewer rows than its limit and
    not be the last: one question looks at a bounded number of rows.
    """

    rows: list[RunRow] = field(default_factory=list)
    next: Position | None = None

"""find_history finds the runs of one task: in the history, in its status, or in both.

::

    status       the latest attempts, whole, as soon as they are known ──┐
                                                                         ├── one list by run
    history      all attempts, a page at a time, if there is one ────────┘

While the database is away, what the status holds is shown, and why it is no more.
"""

from dataclasses import dataclass, replace
from typing import Final

from crontask_api.console.live.row import RUNS_KEPT, Run
from crontask_api.console.runs.finding import FoundRuns, find_page, patiently
from crontask_api.console.runs.query import TaskRunsQuery
from crontask_api.kube.objects import CronTask
from crontask_core.status import CronTaskStatus
from crontask_history.errors import HistoryError
from crontask_history.filters import RunFilter
from crontask_history.row import RunRow, row_of
from crontask_history.store import HistoryStore

PAGE_SIZE: Final = 20
"""Attempts of a page, each with its texts."""

MOST_LATELY: Final = 100
"""Attempts that the pictures of a task are made of."""


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """A page of a task's runs, and where it is from."""

    found: FoundRuns
    is_whole: bool
    """Whether it is from the history; else from the status alone."""
    lately: list[RunRow]
    """The latest attempts without their texts, whatever page this is."""
    pictured: list[RunRow]
    """The latest attempts of the time that was asked for, of which the pictures are made."""
    held: list[RunRow]
    """Those of the status, which knows first of a run that goes on."""
    trouble: str = ""
    """Why it is from the status, though there is a history."""

    def latest_runs(self) -> tuple[Run, ...]:
        """Return the last runs by their last attempts, newest first, for a strip."""
        # Of an attempt that ended meanwhile, what says so comes first.
        attempts = sorted(
            [*self.held, *self.lately],
            key=lambda row: (row.begin_time, row.attempt, row.end_time is not None),
            reverse=True,
        )
        last: dict[str, RunRow] = {}
        for row in attempts:
            last.setdefault(row.execution_id, row)
        return tuple(_in_short(row) for row in list(last.values())[:RUNS_KEPT])


async def find_history(
    history: HistoryStore | None, task: CronTask, status: CronTaskStatus, query: TaskRunsQuery
) -> TaskHistory:
    """Return the page of runs that `query` asks for."""
    held_now = rows_of(task, status)
    held = [row for row in held_now if _is_wanted(row, query)]
    from_status = FoundRuns(held, "", "", None)
    if history is None:
        return _by_status(from_status, held_now, query)
    of_task = RunFilter(
        namespace=task.metadata.namespace,
        name=task.metadata.name,
        # Not those of an earlier task of this name, which was deleted.
        uid=task.metadata.uid,
        limit=MOST_LATELY,
    )
    wanted = replace(
        of_task,
        statuses=() if query.status is None else (query.status,),
        begin=query.begin,
        end=query.end,
        texts=True,
    )
    try:
        async with patiently():
            found = await find_page(
                history,
                [wanted],
                limit=PAGE_SIZE,
                before=query.before,
                after=query.after,
                beside=held,
            )
            lately = pictured = await history.query(of_task)
            if query.is_a_stretch:
                of_stretch = replace(of_task, begin=query.begin, end=query.end)
                pictured = await history.query(of_stretch)
    except HistoryError as error:
        return _by_status(from_status, held_now, query, str(error))
    return TaskHistory(
        found, is_whole=True, lately=lately.rows, pictured=pictured.rows, held=held_now
    )


def _by_status(
    found: FoundRuns, held: list[RunRow], query: TaskRunsQuery, trouble: str = ""
) -> TaskHistory:
    pictured = [row for row in held if _is_in_time(row, query)]
    return TaskHistory(
        found, is_whole=False, lately=held, pictured=pictured, held=held, trouble=trouble
    )


def rows_of(task: CronTask, status: CronTaskStatus) -> list[RunRow]:
    """Return the attempts that a status holds, as the history would have them."""
    meta = task.metadata
    module = task.spec.get("module")
    return [
        row_of(
            record,
            uid=meta.uid,
            namespace=meta.namespace,
            name=meta.name,
            task_name=str(task.task_name),
            module=module if isinstance(module, int) else 0,
        )
        for record in status.runs
    ]


def _in_short(row: RunRow) -> Run:
    ended = row.end_time
    seconds = None if ended is None else (ended - row.begin_time).total_seconds()
    return Run(row.status, seconds, row.scheduled_time.timestamp())


def _is_wanted(row: RunRow, query: TaskRunsQuery) -> bool:
    return (query.status is None or row.status is query.status) and _is_in_time(row, query)


def _is_in_time(row: RunRow, query: TaskRunsQuery) -> bool:
    return (query.begin is None or row.begin_time >= query.begin) and (
        query.end is None or row.begin_time < query.end
    )

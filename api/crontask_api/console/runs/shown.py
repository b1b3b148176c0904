"""shown_runs says of runs what the rows of a list show, in the visitor's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from crontask_api.console.picture.strip import KINDS
from crontask_api.console.runs.held import HeldRun
from crontask_api.console.runs.query import RunsQuery
from crontask_api.console.runs.reference import can_be_made_again, reference_of
from crontask_api.console.tasks.shown import Moment, State, moment, task_address
from crontask_api.console.words.language import Language
from crontask_core.enums import RunStatus
from crontask_history.row import RunRow

LAG_SHOWN_SECONDS: Final = 1.0
"""A run that began within so long after it was due began on time."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """One attempt, or of what a status holds one run, in a row of a table."""

    id: str
    address: str
    """Of what tells more."""
    reference: str
    """Names the run in a form; empty if it cannot be made again."""
    again: str
    """Address of the run that made it again; empty if none did."""
    title: str
    namespace: str
    task: str
    """Namespace and name of the task's object."""
    task_address: str
    state: State
    run_type: str
    attempt: int
    begun: Moment | None
    took: str
    lag: str
    """How long after it was due; empty if it was on time."""
    why: str
    """Code and reason."""
    said: str
    """The begin of the error."""


def run_address(namespace: str, uid: str, execution_id: str) -> str:
    """Return the address of a run's page."""
    parts = (quote(each, safe="") for each in (namespace, uid, execution_id))
    return f"{RunsQuery.path}/{'/'.join(parts)}"


def runs_of_task(namespace: str, name: str) -> str:
    """Return the address of the list of all runs of a task."""
    return f"{RunsQuery.path}?{urlencode({'namespace': namespace, 'task': name})}"


def shown_rows(rows: Iterable[RunRow], language: Language, now: float) -> list[ShownRun]:
    """Return what is shown of attempts of the history."""
    return [_shown(row, language, now) for row in rows]


def shown_held(runs: Iterable[HeldRun], language: Language, now: float) -> list[ShownRun]:
    """Return what is shown of runs that the statuses hold."""
    return [_held(each, language, now) for each in runs]


def run_state(status: RunStatus, language: Language) -> State:
    """Return how a run stands."""
    return State(KINDS[status], language.known(f"status.{status}", status))


def why_of(row: RunRow, language: Language) -> str:
    """Return code and reason of an attempt, as far as they say more than its status."""
    code = "" if row.code is None else str(row.code)
    if row.reason is None or row.status is RunStatus.SUCCEEDED:
        return code
    reason = language.known(f"reason.{row.reason}", row.reason)
    return f"{code} {reason}" if code else reason


def _shown(row: RunRow, language: Language, now: float) -> ShownRun:
    ended = row.end_time
    lag = row.lag_seconds if row.attempt == 1 else 0.0
    again = row.redriven_by
    return ShownRun(
        id=f"{row.execution_id}-{row.attempt}",
        address=run_address(row.namespace, row.uid, row.execution_id),
        reference=reference_of(row) if can_be_made_again(row) else "",
        again=run_address(row.namespace, row.uid, again) if again else "",
        title=row.task_name,
        namespace=row.namespace,
        task=f"{row.namespace}/{row.name}",
        task_address=task_address((row.namespace, row.name)),
        state=run_state(row.status, language),
        run_type=language.known(f"run.{row.run_type}", row.run_type),
        attempt=row.attempt,
        begun=moment(language, row.begin_time.timestamp(), now),
        took="" if ended is None else language.span((ended - row.begin_time).total_seconds()),
        lag=language.span(lag) if lag >= LAG_SHOWN_SECONDS else "",
        why=why_of(row, language),
        said=row.summary or row.error[:200],
    )


def _held(held: HeldRun, language: Language, now: float) -> ShownRun:
    row, run = held.row, held.run
    return ShownRun(
        id=f"{row.namespace}-{row.name}-{run.scheduled:.3f}",
        address=task_address(row.key),
        reference="",
        again="",
        title=row.title,
        namespace=row.namespace,
        task=f"{row.namespace}/{row.name}",
        task_address=task_address(row.key),
        state=run_state(run.status, language),
        run_type="",
        attempt=1,
        begun=moment(language, run.scheduled, now),
        took="" if run.seconds is None else language.span(run.seconds),
        lag="",
        why="",
        said="",
    )

"""by_run groups attempts by run, and says of each what the pages of runs show."""

from collections.abc import Sequence
from dataclasses import dataclass

from crontask_api.console.picture.strip import KINDS
from crontask_api.console.runs.difference import Difference, difference_of
from crontask_api.console.runs.reference import can_be_made_again, reference_of
from crontask_api.console.runs.shown import why_of
from crontask_api.console.tasks.shown import Moment, moment
from crontask_api.console.words.language import Language
from crontask_core.spec import CronTaskSpec
from crontask_history.row import RunRow


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call, as a page shows it."""

    number: int
    kind: str
    status: str
    begun: Moment | None
    took: str
    queued: str
    """How long after it was due; empty if that is next to nothing."""
    code: str
    reason: str
    difference: Difference | None
    """What was expected and what came, of one that failed for that."""
    replica: str
    url: str
    body: str
    response: str
    error: str


@dataclass(frozen=True, slots=True)
class RunOfAttempts:
    """One run with its attempts, the last one first."""

    execution_id: str
    uid: str
    kind: str
    status: str
    run_type: str
    due: Moment | None
    took: str
    line: str
    """What came of it, in a line."""
    attempts: list[Attempt]
    reference: str
    """Names the run in a form; empty if it cannot be made again."""
    again: str
    """Execution id of the run that made it again; empty if none did."""


def by_run(
    rows: Sequence[RunRow], language: Language, now: float, spec: CronTaskSpec | None
) -> list[RunOfAttempts]:
    """Return the runs of `rows`, which come newest first.

    A run is where its last attempt is: others may have run between two attempts. `spec` is
    what the task expects now, None if that is not known.
    """
    attempts: dict[str, list[RunRow]] = {}
    for row in rows:
        attempts.setdefault(row.execution_id, []).append(row)
    return [_run(each, language, now, spec) for each in attempts.values()]


def _run(
    rows: list[RunRow], language: Language, now: float, spec: CronTaskSpec | None
) -> RunOfAttempts:
    last, first = rows[0], rows[-1]
    shown = [_attempt(each, language, now, spec) for each in rows]
    return RunOfAttempts(
        execution_id=last.execution_id,
        uid=last.uid,
        kind=shown[0].kind,
        status=shown[0].status,
        run_type=language.known(f"run.{first.run_type}", first.run_type),
        due=moment(language, first.scheduled_time.timestamp(), now),
        took=shown[0].took,
        line=_line(last, language),
        attempts=shown,
        reference=reference_of(last) if can_be_made_again(last) else "",
        again=last.redriven_by,
    )


def _attempt(row: RunRow, language: Language, now: float, spec: CronTaskSpec | None) -> Attempt:
    ended = row.end_time
    queued = row.lag_seconds
    return Attempt(
        number=row.attempt,
        kind=KINDS[row.status],
        status=language.known(f"status.{row.status}", row.status),
        begun=moment(language, row.begin_time.timestamp(), now),
        took="" if ended is None else language.span((ended - row.begin_time).total_seconds()),
        queued=language.span(queued) if row.attempt == 1 and queued >= 1 else "",
        code="" if row.code is None else str(row.code),
        reason=row.reason or "",
        difference=difference_of(row, spec, language),
        replica=row.replica,
        url=row.url,
        body=row.body,
        response=row.response,
        error=row.error,
    )


def _line(row: RunRow, language: Language) -> str:
    why = why_of(row, language)
    said = row.error or row.response
    return " · ".join(part for part in (why, said.strip()[:300].split("\n", 1)[0]) if part)

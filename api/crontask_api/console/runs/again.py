"""make_again has runs made again that a person has selected, by the service of `redrive_runs`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import structlog

from crontask_api.auth.authenticator import Verb
from crontask_api.codes import Code
from crontask_api.console.frame.rights import allowed, may
from crontask_api.console.frame.visit import Visit
from crontask_api.console.runs.finding import patiently
from crontask_api.console.runs.reference import read_reference
from crontask_api.console.tasks.doing import context_of
from crontask_api.service.redrive_runs import redrive_rows
from crontask_core.enums import RunStatus
from crontask_history.errors import HistoryError
from crontask_history.row import RunId, RunRow

MOST_RUNS: Final = 200
"""Runs that one form may name: a page has 50."""

AT_ONCE: Final = 20
"""Runs that are worked on before it is told how far it is."""

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunResult:
    """How it went for one run; `error` is empty if it was asked for again."""

    row: RunRow
    error: str


async def chosen_runs(visit: Visit) -> list[RunRow]:
    """Return the last attempt of each run that the visit's form names, oldest first.

    What the visitor may not see, and what the history does not have, is left out.

    Raises
    ------
    HistoryError
        If its database is away.
    ApiError
        If the API server had to be asked for a right, and is away.
    """
    history = visit.console.history
    named = [read_reference(text) for text in dict.fromkeys(visit.fields("run"))]
    found = [each for each in named if each is not None][:MOST_RUNS]
    seen = await allowed(visit, Verb.LIST, {each.namespace for each in found})
    wanted = {each.run: each.namespace for each in found if each.namespace in seen}
    if history is None or not wanted:
        return []
    async with patiently():
        rows = await history.attempts_of(list(wanted))
    last: dict[RunId, RunRow] = {}
    for row in sorted(rows, key=lambda row: row.attempt):
        # A namespace that somebody has written into the form is none of the run's.
        if wanted.get(row.run) == row.namespace:
            last[row.run] = row
    return sorted(last.values(), key=lambda row: (row.scheduled_time, row.execution_id))


async def make_again(visit: Visit, rows: Sequence[RunRow]) -> AsyncIterator[list[RunResult]]:
    """Yield how it went for the runs with these last attempts, some at a time.

    What the visitor may not do is an error of each run, as is what the API server refuses.
    """
    by_namespace = sorted(rows, key=lambda row: row.namespace)
    for namespace, group in groupby(by_namespace, key=lambda row: row.namespace):
        is_allowed = await may(visit, Verb.PATCH, namespace)
        runs = list(group)
        for begin in range(0, len(runs), AT_ONCE):
            some = runs[begin : begin + AT_ONCE]
            results = (
                await _made(visit, namespace, some)
                if is_allowed
                else [RunResult(row, _refusal(visit, namespace)) for row in some]
            )
            for result in results:
                _report(visit, result)
            yield results


async def _made(visit: Visit, namespace: str, rows: Sequence[RunRow]) -> list[RunResult]:
    text = visit.language.text
    good = [RunResult(row, text("again.good")) for row in rows if not _has_failed(row)]
    bad = [row for row in rows if _has_failed(row)]
    try:
        results = await redrive_rows(context_of(visit, namespace), bad, dry_run=False)
    except HistoryError as error:
        return [*good, *(RunResult(row, text("again.away", why=str(error))) for row in bad)]
    told = [
        RunResult(row, "" if result.code is Code.OK else result.err)
        for row, result in zip(bad, results, strict=True)
    ]
    return [*good, *told]


def _has_failed(row: RunRow) -> bool:
    # An attempt that failed was selected; meanwhile a retry may have made the run good.
    return row.status is RunStatus.FAILED


def _refusal(visit: Visit, namespace: str) -> str:
    return f"{visit.identity.name} may not {Verb.PATCH} tasks of {namespace}"


def _report(visit: Visit, result: RunResult) -> None:
    row = result.row
    _log.info(
        "changed by the console",
        user=visit.identity.name,
        action="redrive",
        namespace=row.namespace,
        task=row.name,
        run=row.execution_id,
        error=result.error,
    )

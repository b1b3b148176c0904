"""find_failed finds runs that failed for good and were not made again, for `redrive_runs`."""

from dataclasses import replace
from typing import Final

from crontask_core.enums import RunStatus
from crontask_history.filters import Position, RunFilter
from crontask_history.row import RunRow
from crontask_history.store import HistoryStore

MOST_QUESTIONS: Final = 5
"""Questions after which a page ends that is not full: most failures may have been made good by
a retry, or were made again."""


async def find_failed(
    history: HistoryStore, wanted: RunFilter
) -> tuple[list[RunRow], Position | None]:
    """Return the last attempt of each run of `wanted` that failed, and where to go on.

    A run counts by its last attempt: one that a retry made good has not failed.
    """
    wanted = replace(wanted, statuses=(RunStatus.FAILED,), is_redriven=False, newest_first=False)
    found: list[RunRow] = []
    for _ in range(MOST_QUESTIONS):
        page = await history.query(wanted)
        last: dict[tuple[str, str], int] = {}
        for each in await history.attempts_of([row.run for row in page.rows]):
            run = (each.uid, each.execution_id)
            last[run] = max(each.attempt, last.get(run, 0))
        for index, row in enumerate(page.rows):
            if last.get((row.uid, row.execution_id)) == row.attempt:
                found.append(row)
            if len(found) == wanted.limit:
                is_end = page.next is None and index + 1 == len(page.rows)
                return found, None if is_end else Position.of(row)
        if page.next is None:
            return found, None
        wanted = replace(wanted, after=page.next)
    return found, wanted.after

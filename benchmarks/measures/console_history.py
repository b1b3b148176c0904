"""The console's pages that the history answers: a task with its charts, all runs, the last day."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.opening import open_history
from crontask_history.row import RunRow
from crontask_history.url import parse_history_url

TASKS: Final = 200
"""Tasks that have rows."""

ATTEMPTS: Final = 100
"""Of each: as many as its charts are made of."""

BATCH: Final = 500
FAILS_EVERY: Final = 20


async def keep_a_day(folder: Path, namespace: str, tasks: Sequence[tuple[str, str]]) -> str:
    """Keep a day of runs of `tasks`, each a name and a uid; return the URL of the history."""
    url = f"sqlite:///{folder / 'console.db'}"
    history = open_history(parse_history_url(url), connections=1)
    await history.prepare()
    rows = list(_rows(namespace, tasks, datetime.now(UTC)))
    for begin in range(0, len(rows), BATCH):
        await history.append(rows[begin : begin + BATCH])
    await history.close()
    return url


def _rows(namespace: str, tasks: Sequence[tuple[str, str]], now: datetime) -> Iterator[RunRow]:
    pause = timedelta(days=1) / ATTEMPTS
    for number in range(ATTEMPTS):
        for place, (name, uid) in enumerate(tasks):
            due = now - number * pause - timedelta(milliseconds=10 * place)
            failed = (number + place) % FAILS_EVERY == 0
            yield RunRow(
                uid=uid,
                namespace=namespace,
                name=name,
                task_name=name,
                module=0,
                shard=0,
                execution_id=f"{number:08x}{place:024x}",
                attempt=1,
                run_type=RunType.SCHEDULED,
                status=RunStatus.FAILED if failed else RunStatus.SUCCEEDED,
                scheduled_time=due,
                begin_time=due + timedelta(milliseconds=4),
                end_time=due + timedelta(milliseconds=31 + place),
                reason=Reason.UNEXPECTED_STATUS if failed else Reason.OK,
                code=503 if failed else 200,
                url="http://127.0.0.1/ok",
                response="busy" if failed else "ok",
                error="expected status 200-299, got 503" if failed else "",
            )

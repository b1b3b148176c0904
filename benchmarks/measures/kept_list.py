"""Lists of runs from a history of millions: how soon the newest of them are there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import aiohttp
import asyncpg

from benchmarks.errors import BenchmarkError
from benchmarks.stage import Stage
from crontask_core.enums import RunStatus
from crontask_history.filters import RunFilter
from crontask_history.opening import open_history
from crontask_history.url import parse_history_url
from dev.programs import start_facade
from tests.support.postgres import run_postgres

DAYS: Final = 30
"""As many as are kept by default."""

RUNS_EACH: Final = 5000
"""Of one task, in all days."""

FAILED_OF: Final = 50
"""One run in so many has failed."""

PAGE: Final = 100

QUESTIONS: Final = ("one task", "failed", "all")

# What makes a large history in minutes and not in an hour, and changes nothing of its reading.
_SETTINGS: Final = {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "maintenance_work_mem": "512MB",
    "shared_buffers": "1GB",
}

_FILL: Final = """
    INSERT INTO {part} (uid, execution_id, attempt, day, begin_time, scheduled_time, end_time,
      module, code, shard, namespace, name, task_name, run_type, status, reason, url, summary,
      replica)
    SELECT md5(task::text), md5(number::text || ' {day}'), 1, DATE '{day}',
      due + interval '4 ms', due, due + interval '31 ms', 2,
      CASE WHEN fails THEN 503 ELSE 200 END, task % 4, '{namespace}',
      'task-' || lpad(task::text, 5, '0'), 'task-' || lpad(task::text, 5, '0'), 'Scheduled',
      CASE WHEN fails THEN 'Failed' ELSE 'Succeeded' END,
      CASE WHEN fails THEN 'UnexpectedStatus' ELSE 'OK' END,
      'http://prices.shop.svc/refresh', CASE WHEN fails THEN 'expected 2xx, got 503' ELSE '' END,
      'operator-0'
    FROM (
      SELECT number, number % {tasks} AS task, hashint8(number) % {failed_of} = 0 AS fails,
        DATE '{day}'::timestamp AT TIME ZONE 'UTC' + number * interval '{step} us' AS due
      FROM generate_series(0, {rows} - 1) AS number
    ) AS runs
    WHERE due < now()
"""


@dataclass(slots=True)
class Listed:
    """Seconds of each question, one sample for each time it was asked."""

    rows: int
    load: float
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Of ``list_runs`` by the facade."""
    store: dict[str, list[float]] = field(default_factory=dict)
    """Of the history's own answer, which is a part of it."""


async def measure(stage: Stage, rows: int, *, rounds: int) -> Listed:
    """Ask for the newest runs among `rows` in PostgreSQL, `rounds` times each question."""
    stage.say(f"PostgreSQL: a history of {rows:,} runs in {DAYS} days")
    with run_postgres(_SETTINGS) as server:
        url = server.url(server.new_database())
        async with stage.namespace("listed") as namespace:
            await _fill(stage, url, rows, namespace)
            result = Listed(rows, stage.load)
            await _ask_store(url, namespace, rounds, result)
            async with _asking(stage, url, namespace) as ask:
                for question in QUESTIONS:
                    result.seconds[question] = [
                        await ask(_request(question, number, rows)) for number in range(rounds)
                    ]
    return result


def _tasks(rows: int) -> int:
    return max(1, rows // RUNS_EACH)


def _name(number: int, rows: int) -> str:
    return f"task-{number * 37 % _tasks(rows):05}"


def _request(question: str, number: int, rows: int) -> dict[str, Any]:
    match question:
        case "one task":
            return {"task_id": _name(number, rows), "limit": PAGE}
        case "failed":
            return {"status": 3, "limit": PAGE}
    return {"limit": PAGE}


async def _fill(stage: Stage, url: str, rows: int, namespace: str) -> None:
    """Make the rows by the database itself, a day at a time, and its indexes afterwards."""
    store = open_history(parse_history_url(url), connections=1)
    try:
        await store.prepare()
    finally:
        await store.close()
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS + 1)]
    connection = await asyncpg.connect(url)
    try:
        for number, day in enumerate(days):
            await _fill_day(connection, day, rows // DAYS, _tasks(rows), namespace)
            if number and number % 10 == 0:
                stage.say(f"{number} of {DAYS} days are there")
        await connection.execute("ANALYZE runs")
    finally:
        await connection.close()


async def _fill_day(
    connection: asyncpg.Connection, day: date, rows: int, tasks: int, namespace: str
) -> None:
    part, texts = f"runs_{day:%Y%m%d}", f"run_texts_{day:%Y%m%d}"
    following = day + timedelta(days=1)
    async with connection.transaction():
        for table, name in (("runs", part), ("run_texts", texts)):
            await connection.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)")
            if table == "runs":
                statement = _FILL.format(
                    part=part, day=day, namespace=namespace, tasks=tasks,
                    failed_of=FAILED_OF, rows=rows, step=86_400_000_000 // rows,
                )  # fmt: skip
                await connection.execute(statement)
            # Makes the indexes as well.
            await connection.execute(
                f"ALTER TABLE {table} ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{day}') TO ('{following}')"
            )


def _filter(question: str, namespace: str, name: str) -> RunFilter:
    match question:
        case "one task":
            return RunFilter(namespace=namespace, name=name, limit=PAGE)
        case "failed":
            return RunFilter(namespace=namespace, statuses=(RunStatus.FAILED,), limit=PAGE)
    return RunFilter(namespace=namespace, limit=PAGE)


async def _ask_store(url: str, namespace: str, rounds: int, result: Listed) -> None:
    store = open_history(parse_history_url(url), connections=1, reads_only=True)
    try:
        for question in QUESTIONS:
            result.store[question] = []
            for number in range(-1, rounds):
                began = perf_counter()
                page = await store.query(_filter(question, namespace, _name(number, result.rows)))
                taken = perf_counter() - began
                if len(page.rows) != PAGE:
                    raise BenchmarkError(f"{question}: expected {PAGE} runs, got {len(page.rows)}")
                if number >= 0:
                    result.store[question].append(taken)
    finally:
        await store.close()


@asynccontextmanager
async def _asking(
    stage: Stage, url: str, namespace: str
) -> AsyncIterator[Callable[[dict[str, Any]], Awaitable[float]]]:
    """Run a facade, and give what asks it for runs and returns the seconds that it took."""
    program = start_facade(
        stage.control_plane.kubeconfig,
        log=stage.logs / "listed.log",
        settings={
            "CRONTASK_API_NAMESPACE": namespace,
            "CRONTASK_API_HISTORY_URL": url,
            "CRONTASK_API_LOG_LEVEL": "warning",
        },
    )
    try:
        program.wait_until_ready("/readyz")
        async with aiohttp.ClientSession(program.url) as client:

            async def ask(body: dict[str, Any]) -> float:
                began = perf_counter()
                async with client.post("/crontab/list_runs", json=body) as answer:
                    answered = await answer.json()
                taken = perf_counter() - began
                found = len((answered["data"] or {}).get("run_list", ()))
                if found != PAGE:
                    raise BenchmarkError(f"list_runs {body}: expected {PAGE}, got {found} runs")
                return taken

            # Its first question opens the connection.
            await ask({"limit": PAGE})
            yield ask
    finally:
        program.child.stop()

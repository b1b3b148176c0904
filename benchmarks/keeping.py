"""What the measures of the history share: its stores, and when something is in them."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import Manifest
from benchmarks.operators import Operators
from benchmarks.stage import Stage
from crontask_core.enums import RunStatus, RunType
from crontask_history.opening import open_history
from crontask_history.row import RunRow
from crontask_history.url import parse_history_url
from tests.support.evidence import Call
from tests.support.postgres import Postgres, run_postgres

WITHOUT: Final = "no history"

ATTEMPTS: Final = "crontask_attempts_total"
ROWS: Final = "crontask_history_rows_total"
ROWS_WAIT: Final = "crontask_history_rows_waiting"
UNWRITTEN: Final = (
    "crontask_calls_in_flight",
    "crontask_calls_waiting",
    "crontask_records_waiting",
    "crontask_statuses_held_back",
)

BATCH: Final = 500
"""Rows of a transaction of the bare loop: as many as the operator's."""

FEW_RECORDS: Final = 32
SETTLING_SECONDS: Final = 60.0

WAIT_SECONDS: Final = 120.0


@contextmanager
def stores() -> Iterator[tuple[dict[str, str], Postgres]]:
    """Give the URL of each store, and the PostgreSQL server, which does what it does by default."""
    with TemporaryDirectory(prefix="crontask-bench-") as folder, run_postgres({}) as server:
        url = server.url(server.new_database())
        yield (
            {WITHOUT: "", "SQLite": f"sqlite:///{Path(folder)}/runs.db", "PostgreSQL": url},
            server,
        )


@asynccontextmanager
async def firing(
    stage: Stage, url: str, manifests: Sequence[Manifest]
) -> AsyncIterator[tuple[Operators, str]]:
    async with (
        stage.namespace("kept") as namespace,
        stage.operators(namespace, settings=settings_of(url)) as operators,
    ):
        await operators.share_shards()
        await stage.api.create(namespace, manifests)
        await operators.ready(len(manifests))
        with suppress(BenchmarkError):
            # Each task has two statuses to be written by now, which is no part of any measure.
            await operators.until(
                lambda metrics: metrics.get(UNWRITTEN[2], 0) <= FEW_RECORDS,
                seconds=SETTLING_SECONDS,
                what="the first statuses to be written",
            )
        yield operators, namespace


def settings_of(url: str) -> dict[str, str]:
    return {"CRONTASK_HISTORY_URL": url} if url else {}


async def until_kept(operators: Operators, before: Mapping[str, float], count: int) -> float:
    return await operators.until(
        lambda metrics: metrics.get(ROWS, 0) >= before.get(ROWS, 0) + count,
        seconds=WAIT_SECONDS,
        what="every run in the history",
    )


async def until_written(operators: Operators, attempts: float) -> float:
    return await operators.until(
        lambda metrics: (
            metrics.get(ATTEMPTS, 0) >= attempts
            and not any(metrics.get(name, 1) for name in UNWRITTEN)
        ),
        seconds=WAIT_SECONDS,
        what="every status to be written",
    )


async def audit(stage: Stage, namespace: str, calls: Sequence[Call], url: str) -> None:
    """See that every call is counted in its status, and is a row of the history."""
    arrived = Counter(call.task for call in calls)
    for manifest in await stage.api.list(namespace):
        name, counters = manifest["metadata"]["name"], manifest["status"]["counters"]
        if counters["succeeded"] + counters["failed"] != arrived[name]:
            raise BenchmarkError(f"{name}: {arrived[name]} calls arrived, {counters} are counted")
    if not url:
        return
    store = open_history(parse_history_url(url), connections=1, reads_only=True)
    try:
        first = min(call.scheduled_time for call in calls)
        rows = {row.key for row in await store.since(0, first)}
    finally:
        await store.close()
    missing = len({call.key for call in calls} - {key[1:] for key in rows})
    # A successor reads a bounded number, the newest ones.
    if missing and len(rows) == len(calls):
        raise BenchmarkError(f"{missing} of {len(calls)} calls are no rows of the history")


async def bare(url: str, count: int) -> float:
    """Write as many rows by a bare loop, and return the seconds."""
    now = datetime.now(UTC)
    row = RunRow(
        uid="bare", namespace="bare", name="bare", task_name="bare", module=0, shard=0,
        execution_id="", attempt=1, run_type=RunType.SCHEDULED, status=RunStatus.SUCCEEDED,
        scheduled_time=now, begin_time=now, end_time=now, url="http://127.0.0.1:8080/ok",
        code=200, body="x" * 34, response="ok",
    )  # fmt: skip
    stamp = f"{time.time():.6f}"
    rows = [replace(row, execution_id=f"{stamp}-{number}") for number in range(count)]
    store = open_history(parse_history_url(url), connections=1)
    try:
        await store.append(rows[:1])
        begun = time.perf_counter()
        for first in range(0, count, BATCH):
            await store.append(rows[first : first + BATCH])
        return time.perf_counter() - begun
    finally:
        await store.close()


def lags(calls: Sequence[Call], moment: datetime) -> list[float]:
    return [
        (call.arrived - moment).total_seconds() for call in calls if call.scheduled_time == moment
    ]

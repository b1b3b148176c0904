"""writing keeps rows: one statement for many of them, in the transaction of the caller."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Table, bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crontask_history.row import SUMMARY_CHARACTERS, RunRow, day_of
from crontask_history.sql.clean import clean_text
from crontask_history.sql.tables import RUNS, TEXTS

_MARK: Final = (
    update(RUNS)
    .where(
        RUNS.c.uid == bindparam("of_uid"),
        RUNS.c.execution_id == bindparam("of_run"),
        # Days before it was due are left out at once.
        RUNS.c.day >= bindparam("first_day"),
    )
    .values(redriven_by=bindparam("redriven_by"))
)
"""Takes note, in all attempts of a run, of the run that makes it again."""

_KEY: Final = tuple(column.name for column in RUNS.primary_key)

_LASTING: Final = (*_KEY, "redriven_by")
"""What a row keeps when another one takes its place."""

_Insert = postgresql.Insert | sqlite.Insert


def latest_by_key(rows: Iterable[RunRow]) -> list[RunRow]:
    """Return the last row of each key, in the order of keys.

    Two programs that write the same rows in the same order wait for each other; in
    different orders they could wait for each other for ever.
    """
    latest: dict[tuple[str, str, int], RunRow] = {}
    for row in rows:
        if row.is_final or row.key not in latest or not latest[row.key].is_final:
            latest[row.key] = row
    return [latest[key] for key in sorted(latest)]


async def write_rows(connection: AsyncConnection, rows: list[RunRow]) -> None:
    """Keep `rows`, which are in the order of their keys and have each key once."""
    name = connection.dialect.name
    await connection.execute(_RUNS[name], [_run(row) for row in rows])
    if again := [_mark(row) for row in rows if row.redrive_of]:
        await connection.execute(_MARK, again)
    if final := [_texts(row) for row in rows if row.is_final]:
        await connection.execute(_FINAL_TEXTS[name], final)
    if begun := [_texts(row) for row in rows if not row.is_final and row.body]:
        await connection.execute(_BEGUN_TEXTS[name], begun)


def _run(row: RunRow) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "execution_id": row.execution_id,
        "attempt": row.attempt,
        "day": row.day,
        "begin_time": row.begin_time,
        "scheduled_time": row.scheduled_time,
        "end_time": row.end_time,
        "module": row.module,
        "code": row.code,
        "shard": row.shard,
        "namespace": row.namespace,
        "name": row.name,
        "task_name": clean_text(row.task_name),
        "run_type": row.run_type.value,
        "status": row.status.value,
        "reason": None if row.reason is None else row.reason.value,
        "url": clean_text(row.url),
        "summary": clean_text(row.summary or row.error[:SUMMARY_CHARACTERS]),
        "replica": row.replica,
        "redrive_of": row.redrive_of or None,
    }


def _mark(row: RunRow) -> dict[str, Any]:
    return {
        "of_uid": row.uid,
        "of_run": row.redrive_of,
        "first_day": day_of(row.scheduled_time, row.scheduled_time),
        "redriven_by": row.execution_id,
    }


def _texts(row: RunRow) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "execution_id": row.execution_id,
        "attempt": row.attempt,
        "day": row.day,
        "body": clean_text(row.body),
        "response": clean_text(row.response),
        "error": clean_text(row.error),
    }


def _insert(name: str, table: Table) -> _Insert:
    return postgresql.insert(table) if name == "postgresql" else sqlite.insert(table)


def _replacing(name: str, table: Table, *, unless_final: bool) -> _Insert:
    insert = _insert(name, table)
    new = insert.excluded
    changed = {column.name: new[column.name] for column in table.c if column.name not in _LASTING}
    where = or_(RUNS.c.end_time.is_(None), new.end_time.is_not(None)) if unless_final else None
    return insert.on_conflict_do_update(index_elements=_KEY, set_=changed, where=where)


def _adding(name: str, table: Table) -> _Insert:
    return _insert(name, table).on_conflict_do_nothing(index_elements=_KEY)


_NAMES: Final = ("postgresql", "sqlite")
_RUNS: Final = {name: _replacing(name, RUNS, unless_final=True) for name in _NAMES}
_FINAL_TEXTS: Final = {name: _replacing(name, TEXTS, unless_final=False) for name in _NAMES}
_BEGUN_TEXTS: Final = {name: _adding(name, TEXTS) for name in _NAMES}

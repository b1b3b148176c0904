"""reading finds rows, a page at a time, without ever counting or skipping any.

A page begins right after the position where the one before it ended, which an index finds at
once however far that is. What no index holds is sifted out of the next rows in the order of
time, of which one question looks at a bounded number: a filter that matches nothing costs no
more than one that matches all.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.filters import Page, Position, RunFilter
from crontask_history.row import LATE_DAYS, RunId, RunRow
from crontask_history.sql.clean import clean_text
from crontask_history.sql.tables import RUNS, TEXTS, Moment

logger = logging.getLogger(__name__)

Word = TypeVar("Word", RunType, RunStatus, Reason)

SIFTED: Final = 20_000
"""Rows that one question looks through for what no index holds."""

SEARCHED: Final = 2_000
"""The same where their texts are searched, of up to three times 16 KiB each."""

_RECENT: Final = timedelta(days=1)

MOST_SINCE: Final = 50_000
"""Rows that a successor reads of one shard."""

_ORDER: Final = (RUNS.c.begin_time, RUNS.c.attempt, RUNS.c.execution_id)

_NUMBER: Final = "number"


def page_statement(wanted: RunFilter) -> Select[Any]:
    """Return the statement for a page of `wanted`, and one row more if there is one."""
    wanted = _cleaned(wanted)
    sieve = _sieve(wanted)
    if not sieve:
        rows = _in_order(select(*RUNS.c), wanted).limit(wanted.limit + 1)
    else:
        rows = _sifted(wanted, and_(*sieve))
    if not wanted.texts:
        return rows
    page = rows.subquery("page")
    texts = [page.c[column.name] == TEXTS.c[column.name] for column in RUNS.primary_key]
    order = [page.c[column.name] for column in _ORDER]
    joined = page.outerjoin(TEXTS, and_(*texts))
    statement = select(*page.c, TEXTS.c.body, TEXTS.c.response, TEXTS.c.error)
    return statement.select_from(joined).order_by(*_directed(order, wanted))


def recent(wanted: RunFilter, now: datetime) -> RunFilter | None:
    """Return the question for the part of `wanted` that lies within the last day of it.

    A page of that which does not end there is the page of `wanted`: what is older comes after
    it. To plan a statement takes PostgreSQL longer than to find a hundred rows, the longer the
    more days have a part. None if nothing is gained.
    """
    if not wanted.newest_first or wanted.execution_id is not None:
        return None
    newest = min(filter(None, (now, wanted.end, wanted.after and wanted.after.begin_time)))
    begin = newest - min(_RECENT, newest - datetime.min.replace(tzinfo=UTC))
    return replace(wanted, begin=begin) if wanted.begin is None or wanted.begin < begin else None


def matching(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """Return the conditions for all rows that are wanted, whatever their number.

    The text is none of them: nothing bounds how many would be searched.
    """
    wanted = _cleaned(replace(wanted, text=""))
    return [*_held_by_index(wanted), *_sieve(wanted)]


def since_statement(shard: int, moment: datetime) -> Select[Any]:
    """Return the statement for the newest ended attempts of `shard` from `moment` on."""
    return (
        select(*RUNS.c)
        .where(
            RUNS.c.shard == shard,
            RUNS.c.begin_time >= moment,
            RUNS.c.day >= _first_day(moment),
            RUNS.c.end_time.is_not(None),
        )
        .order_by(RUNS.c.begin_time.desc())
        .limit(MOST_SINCE)
    )


def attempts_statement(runs: Iterable[RunId]) -> Select[Any]:
    """Return the statement for all attempts of `runs`."""
    first = min(run.scheduled_time for run in runs)
    keys = sorted({(run.uid, run.execution_id) for run in runs})
    return select(*RUNS.c).where(
        tuple_(RUNS.c.uid, RUNS.c.execution_id).in_(keys), RUNS.c.day >= _first_day(first)
    )


def to_page(found: Sequence[Row[Any]], wanted: RunFilter) -> Page:
    """Return the page that the rows of `page_statement` make."""
    looked_at = SEARCHED if wanted.text else SIFTED
    rows: list[RunRow] = []
    names = found[0]._fields if found else ()
    for each in found:
        # Row._asdict would look the names up for each row, which takes as long as all the rest.
        fields = dict(zip(names, each, strict=True))
        number = fields.pop(_NUMBER, None)
        fits = fields.pop("fits", True)
        row = to_row(fields)
        if fits:
            if len(rows) == wanted.limit:
                return Page(rows, Position.of(rows[-1]))
            rows.append(row)
        if number == looked_at:
            return Page(rows, Position.of(row))
    return Page(rows)


def to_row(fields: dict[str, Any]) -> RunRow:
    """Return the row of a statement's columns."""
    fields.pop("day")
    fields["run_type"] = _word(RunType, fields["run_type"]) or RunType.MANUAL
    in_doubt = RunStatus.STARTED if fields["end_time"] is None else RunStatus.FAILED
    fields["status"] = _word(RunStatus, fields["status"]) or in_doubt
    fields["reason"] = fields["reason"] and _word(Reason, fields["reason"])
    for name in ("body", "response", "error", "redrive_of", "redriven_by"):
        fields[name] = fields.get(name) or ""
    return RunRow(**fields)


@lru_cache(maxsize=256)
def _word(kind: type[Word], text: str) -> Word | None:
    """Return the word `text`; None for one of a later version, which may be writing already.

    The rest of its row is as good as ever. The log names each such word about once.
    """
    try:
        return kind(text)
    except ValueError:
        logger.warning(
            "The history has a %s that this version does not know: %.40r", kind.__name__, text
        )
        return None


def _in_order(statement: Select[Any], wanted: RunFilter) -> Select[Any]:
    """Return `statement` with what an index holds, in the order of that index."""
    return statement.where(*_held_by_index(wanted)).order_by(*_directed(_ORDER, wanted))


def _held_by_index(wanted: RunFilter) -> list[ColumnElement[bool]]:
    columns = RUNS.c
    conditions: list[ColumnElement[bool]] = [columns.namespace == wanted.namespace]
    if wanted.execution_id is not None:
        conditions.append(columns.execution_id == wanted.execution_id)
        if wanted.uid is not None:
            # Both begin the table's key.
            conditions.append(columns.uid == wanted.uid)
    if wanted.name is not None:
        conditions.append(columns.name == wanted.name)
        if wanted.uid is not None and wanted.execution_id is None:
            # All that the index finds but runs of an earlier object of the same name.
            conditions.append(columns.uid == wanted.uid)
    elif wanted.statuses == (RunStatus.FAILED,):
        # In the statement itself: a parameter would not tell PostgreSQL which index holds it.
        conditions.append(columns.status == literal_column(f"'{RunStatus.FAILED.value}'"))
    newest, oldest = wanted.end, wanted.begin
    if newest is not None:
        conditions.append(columns.begin_time < newest)
    if oldest is not None:
        conditions.append(columns.begin_time >= oldest)
    if wanted.after is not None:
        values = (
            literal(wanted.after.begin_time, Moment),
            literal(wanted.after.attempt),
            literal(clean_text(wanted.after.execution_id)),
        )
        here, there = tuple_(*_ORDER), tuple_(*values)
        if wanted.newest_first:
            conditions.append(here < there)
            newest = min(filter(None, (newest, wanted.after.begin_time)))
        else:
            conditions.append(here > there)
            oldest = max(filter(None, (oldest, wanted.after.begin_time)))
    # A row's day is that of its begin or up to two earlier: whole days are left out at once.
    if newest is not None:
        conditions.append(columns.day <= newest.astimezone(UTC).date())
    if oldest is not None:
        conditions.append(columns.day >= _first_day(oldest))
    return conditions


def _first_day(moment: datetime) -> date:
    """Return the first day of rows that begin at `moment` or later."""
    day = moment.astimezone(UTC).date()
    return date.fromordinal(max(day.toordinal() - LATE_DAYS, date.min.toordinal()))


def _cleaned(wanted: RunFilter) -> RunFilter:
    """Return `wanted` with texts as they were kept."""
    return replace(
        wanted,
        namespace=clean_text(wanted.namespace),
        name=wanted.name and clean_text(wanted.name),
        uid=wanted.uid and clean_text(wanted.uid),
        execution_id=wanted.execution_id and clean_text(wanted.execution_id),
        task_name=wanted.task_name and clean_text(wanted.task_name),
        text=clean_text(wanted.text),
    )


def _sifted(wanted: RunFilter, fits: ColumnElement[bool]) -> Select[Any]:
    """Return the statement for rows that fit, and for the last one that was looked at."""
    order = _directed(_ORDER, wanted)
    number = func.row_number().over(order_by=order).label(_NUMBER)
    inner = select(*RUNS.c, fits.label("fits"), number)
    if wanted.text:
        key = [RUNS.c[column.name] == TEXTS.c[column.name] for column in RUNS.primary_key]
        inner = inner.select_from(RUNS.outerjoin(TEXTS, and_(*key)))
    looked_at = SEARCHED if wanted.text else SIFTED
    rows = _in_order(inner, wanted).limit(looked_at).subquery("looked_at")
    return (
        select(*rows.c)
        .where(or_(rows.c.fits, rows.c.number == looked_at))
        .order_by(rows.c.number)
        .limit(wanted.limit + 1)
    )


def _sieve(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that no index holds."""
    columns = RUNS.c
    by_index = wanted.name is None and wanted.statuses == (RunStatus.FAILED,)
    conditions: list[ColumnElement[bool]] = []
    if wanted.uid is not None and wanted.execution_id is None and wanted.name is None:
        conditions.append(columns.uid == wanted.uid)
    if wanted.task_name is not None:
        conditions.append(columns.task_name == wanted.task_name)
    if wanted.module is not None:
        conditions.append(columns.module == wanted.module)
    if wanted.statuses and not by_index:
        conditions.append(columns.status.in_(_words(wanted.statuses)))
    if wanted.run_types:
        conditions.append(columns.run_type.in_(_words(wanted.run_types)))
    if wanted.reasons:
        # Absent while in flight, and "not known" is no answer to a yes-or-no question.
        conditions.append(func.coalesce(columns.reason.in_(_words(wanted.reasons)), _NO))
    if wanted.code is not None:
        conditions.append(func.coalesce(columns.code == wanted.code, _NO))
    if wanted.is_redriven is not None:
        is_redriven = columns.redriven_by.is_not(None)
        conditions.append(is_redriven if wanted.is_redriven else ~is_redriven)
    if wanted.text:
        found = or_(
            *(
                func.coalesce(column.icontains(wanted.text, autoescape=True), _NO)
                for column in (TEXTS.c.body, TEXTS.c.response, TEXTS.c.error)
            )
        )
        conditions.append(found)
    return conditions


_NO: Final = literal(False, Boolean)


def _words(values: Iterable[RunStatus | RunType | Reason]) -> list[str]:
    return [value.value for value in values]


def _directed(columns: Iterable[Any], wanted: RunFilter) -> list[Any]:
    return [column.desc() if wanted.newest_first else column.asc() for column in columns]

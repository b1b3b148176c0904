"""told_as_ours turns what drivers raise into errors of the history, in one place.

Their messages repeat statements and values, so none of them is passed on: what is told is
the type, and the database's own code, which its documentation explains.
"""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from crontask_history.errors import (
    HistoryAwayError,
    HistoryError,
    RowsRefusedError,
    SchemaError,
    TooLongError,
)

_UNDEFINED: Final = ("42P01", "42703")
"""A table or a column that is not there: the tables are of an earlier version, or none."""

_NOT_THERE: Final = re.compile("no such (table|column)|has no column named")

_BROKEN_OFF: Final = ("57014", "SQLITE_INTERRUPT")
"""A statement that took longer than it may."""

_REFUSING: Final = ("22", "23")
"""Classes of PostgreSQL's codes that tell of the data: the same would be refused again."""

_NO_PARTITION: Final = "23514"
"""A row's day has no table, since it was dropped meanwhile: it can be made again."""

_FAULTS: Final = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    sqlite3.Error,
    OSError,
    OverflowError,
    TimeoutError,
)


@asynccontextmanager
async def told_as_ours() -> AsyncIterator[None]:
    """Raise an error of the history in the place of a driver's."""
    try:
        yield
    except HistoryError:
        raise
    except _FAULTS as error:
        raise _ours(error) from None


def _ours(error: BaseException) -> HistoryError:
    origin = getattr(error, "orig", None) or error
    # The adapter of SQLAlchemy wraps what asyncpg raised.
    origin = origin.__cause__ or origin
    code = getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None) or ""
    what = f"{type(origin).__name__}{f' ({code})' if code else ''}"
    if code in _UNDEFINED or _NOT_THERE.search(str(origin)):
        return SchemaError("the tables of the history are not there yet, or of an earlier version")
    if code in _BROKEN_OFF:
        return TooLongError("the database of the history takes too long for so many runs")
    of_data = code.startswith(_REFUSING) or isinstance(error, DataError | IntegrityError)
    # What the driver itself could not encode.
    of_data = of_data or isinstance(origin, ValueError | OverflowError)
    if of_data and code != _NO_PARTITION:
        return RowsRefusedError(f"the database refuses rows: {what}")
    if isinstance(error, NoConnectionFreeError):
        return HistoryAwayError("the history's connections are all in use; try again in a moment")
    if isinstance(origin, TimeoutError):
        return HistoryAwayError("the database of the history gives no answer in time")
    if isinstance(error, DBAPIError) or isinstance(origin, asyncpg.PostgresError | sqlite3.Error):
        return HistoryAwayError(f"the database of the history does not do it: {what}")
    return HistoryAwayError(f"the database of the history cannot be reached: {what}")

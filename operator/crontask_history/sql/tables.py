"""tables names the tables and columns for the statements; `migrations` creates them.

::

    runs        one narrow row an attempt: all that lists and filters need
    run_texts   body, answer and error of an attempt that has any, by the same key

Lists read `runs` alone, and texts only of the rows of a page.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Integer,
    Interval,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware moment: ``timestamptz`` in PostgreSQL, microseconds since 1970 in SQLite.

    SQLite has no such type, and its text form would not keep the order of moments.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database's own."""
        return dialect.type_descriptor(
            BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what is sent."""
        if value is None or dialect.name != "sqlite":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return what was kept, in UTC."""
        if value is None or isinstance(value, datetime):
            return value
        return _EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """What lies between two moments: ``interval`` in PostgreSQL, microseconds in SQLite."""

    impl = Interval
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database's own."""
        return dialect.type_descriptor(
            BigInteger() if dialect.name == "sqlite" else Interval(native=True)
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        """Return how long it is."""
        if value is None or isinstance(value, timedelta):
            return value
        return timedelta(microseconds=value)


METADATA: Final = MetaData()

RUNS: Final = Table(
    "runs",
    METADATA,
    Column("uid", String, primary_key=True),
    Column("execution_id", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("begin_time", Moment, nullable=False),
    Column("scheduled_time", Moment, nullable=False),
    Column("end_time", Moment),
    Column("module", BigInteger, nullable=False),
    Column("code", Integer),
    Column("shard", SmallInteger, nullable=False),
    Column("namespace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("task_name", String, nullable=False),
    Column("run_type", String, nullable=False),
    Column("status", String, nullable=False),
    Column("reason", String),
    Column("url", String, nullable=False),
    Column("summary", String, nullable=False),
    Column("replica", String, nullable=False),
    Column("redrive_of", String),
    Column("redriven_by", String),
)

TEXTS: Final = Table(
    "run_texts",
    METADATA,
    Column("uid", String, primary_key=True),
    Column("execution_id", String, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("body", Text, nullable=False),
    Column("response", Text, nullable=False),
    Column("error", Text, nullable=False),
)

PARTITIONED: Final = (RUNS.name, TEXTS.name)
"""Tables of which PostgreSQL has a part for each day."""

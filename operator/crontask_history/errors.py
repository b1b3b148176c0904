"""errors are what the history raises, for the programs that write it and read it.

::

    HistoryError
    ├── HistoryUrlError           the URL cannot be used
    ├── HistoryAwayError          the database does not do it now; it may later
    │   └── SchemaError           its tables are not those of this version
    ├── HistoryBusyError          others are served; it will be one's turn in a moment
    ├── TooLongError              the question takes longer than it may
    └── RowsRefusedError          the database will never take these rows
"""

from crontask_core.errors import CronTaskError


class HistoryError(CronTaskError):
    """Base of the errors of the history. No message holds a value of a row or a password."""

    code = "HistoryError"


class HistoryUrlError(HistoryError, ValueError):
    """The URL cannot be used; the message says what was expected, and nothing of the URL."""

    code = "HistoryUrl"


class HistoryAwayError(HistoryError):
    """The database does not answer, is full, read-only or busy, or refuses the login."""

    code = "HistoryAway"


class SchemaError(HistoryAwayError):
    """The tables are not there yet, or are those of another version."""

    code = "HistorySchema"


class HistoryBusyError(HistoryError):
    """As many questions of the kind are under way as may be: it can be asked again at once."""

    code = "HistoryBusy"


class TooLongError(HistoryError):
    """The question takes the database longer than it may: there are too many rows."""

    code = "HistoryTooLong"


class RowsRefusedError(HistoryError):
    """The database will never take these rows, however often it is asked."""

    code = "RowsRefused"

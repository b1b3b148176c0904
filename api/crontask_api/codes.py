"""codes names the numbers of the documented protocol, for all who answer with one."""

from enum import IntEnum


class State(IntEnum):
    """``state`` of the envelope. Only under ``OK`` do clients read ``data``."""

    OK = 0
    """The request was read; each item says for itself how it went."""
    BAD_REQUEST = 1
    """The request as a whole cannot be used."""
    SYSTEM_ERROR = -1
    """Nothing of the request could be done, through no fault of the client."""


class Code(IntEnum):
    """``code`` of an item. Source: the original service's error numbers, 2 to 6."""

    OK = 0
    BAD_ITEM = 1
    """A field without a number of its own is missing or wrong."""
    BAD_TYPE = 2
    BAD_START_TIME = 3
    BAD_CALLBACK = 4
    """``url`` or ``method`` is missing or wrong, or one does not fit the other."""
    NOT_FOUND = 5
    """Neither ``task_id`` nor ``name`` leads to a task."""
    NAME_EXISTS = 6
    SYSTEM_ERROR = -1
    """The API server did not answer, or refused no field; the item may succeed later."""


class TaskTypeNumber(IntEnum):
    """The document's task types."""

    SINGLE = 1
    INTERVAL = 2
    HOUR = 3
    DAILY = 4
    MONTH = 5
    YEAR = 6
    WEEK = 7


class Enable(IntEnum):
    """``enable`` of the document."""

    ON = 1
    OFF = 2


class BodyTypeNumber(IntEnum):
    """``body_type`` of the document."""

    JSON = 1
    FORM = 2


class RunTypeNumber(IntEnum):
    """``run_type`` of a record. 3 extends the document, which knows 1 and 2."""

    SCHEDULED = 1
    RETRY = 2
    MANUAL = 3


class RunStatusNumber(IntEnum):
    """``status`` of a record."""

    STARTED = 1
    SUCCEEDED = 2
    FAILED = 3

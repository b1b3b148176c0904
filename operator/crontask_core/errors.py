"""errors are what the core raises, for the programs that tell them.

::

    CronTaskError
    └── SpecError                 a field of a CronTask cannot be used
        ├── ScheduleError         the schedule, the moment or the time zone is wrong
        │   └── NeverFiresError   the schedule is well-formed, but no moment matches it
        └── ExpectError           a status code range or a regular expression is wrong

Each error has a stable ``code``, the reason of the Accepted condition. The operator and
the facade translate them at their own edge; the core knows neither.
"""

from typing import ClassVar, Final

from crontask_core.truncate import truncate

FIELD_BYTES: Final = 256
"""Bytes of a field's path: names of a map's keys are an author's."""
MESSAGE_BYTES: Final = 1024
"""Bytes of a message, so that of an Event fits the API server's bound."""


class CronTaskError(Exception):
    """Base of all errors that this project raises on purpose."""

    code: ClassVar[str] = "CronTaskError"


class SpecError(CronTaskError):
    """A field of a CronTask cannot be used.

    Parameters
    ----------
    field
        Path of the field, such as ``spec.schedule``.
    message
        What is wrong, what was expected and what was found, as one sentence without
        the field's name.
    """

    code = "InvalidSpec"

    def __init__(self, field: str, message: str) -> None:
        # Both hold what an author wrote, and go into conditions, Events and answers.
        self.field = truncate(field, FIELD_BYTES)
        self.message = truncate(message, MESSAGE_BYTES)
        super().__init__(f"{self.field}: {self.message}")


class ScheduleError(SpecError):
    """The schedule, the moment or the time zone is wrong."""

    code = "InvalidSchedule"


class NeverFiresError(ScheduleError):
    """The schedule is well-formed, but no moment within the horizon matches it."""

    code = "NeverFires"


class ExpectError(SpecError):
    """A status code range or a regular expression in ``spec.expect`` is wrong."""

    code = "InvalidExpect"

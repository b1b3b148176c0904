"""Errors of the core.

::

    CronTaskError
    └── SpecError                 a field of a CronTask cannot be used
        ├── ScheduleError         the schedule, the moment or the time zone is wrong
        │   └── NeverFiresError   the schedule is well-formed, but no moment matches it
        └── ExpectError           a status code range or a regular expression is wrong

Each error has a stable ``code``, the reason of the Accepted condition. The operator and
the facade translate them at their own edge; the core knows neither.
"""

from typing import ClassVar


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
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class ScheduleError(SpecError):
    """The schedule, the moment or the time zone is wrong."""

    code = "InvalidSchedule"


class NeverFiresError(ScheduleError):
    """The schedule is well-formed, but no moment within the horizon matches it."""

    code = "NeverFires"


class ExpectError(SpecError):
    """A status code range or a regular expression in ``spec.expect`` is wrong."""

    code = "InvalidExpect"

"""fields says what each field of a cron expression may hold, for its parser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


def _numbered(names: str, start: int) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.split(), start)}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in messages, its bounds (inclusive) and its words.

    `alias` maps numbers beyond the bounds to the value they mean. `hash_maximum` is
    the largest value that a bare ``H`` takes, if that is not `maximum`.
    """

    name: str
    minimum: int
    maximum: int
    names: Mapping[str, int] = field(default_factory=dict)
    alias: Mapping[int, int] = field(default_factory=dict)
    hash_maximum: int | None = None

    @property
    def size(self) -> int:
        """How many values the field has."""
        return self.maximum - self.minimum + 1

    @property
    def all(self) -> tuple[int, ...]:
        """Every value, ascending."""
        return tuple(range(self.minimum, self.maximum + 1))

    @property
    def hashable(self) -> tuple[int, ...]:
        """Every value that a bare ``H`` chooses from."""
        return tuple(range(self.minimum, (self.hash_maximum or self.maximum) + 1))

    @property
    def allowed(self) -> str:
        """The values as a message names them, such as ``1-12 or JAN-DEC``."""
        numbers = f"{self.minimum}-{max((self.maximum, *self.alias))}"
        if not self.names:
            return numbers
        words = list(self.names)
        return f"{numbers} or {words[0]}-{words[-1]}"


SECOND: Final = Field("second", 0, 59)
MINUTE: Final = Field("minute", 0, 59)
HOUR: Final = Field("hour", 0, 23)
DAY_OF_MONTH: Final = Field(
    "day of month",
    1,
    31,
    # Jenkins' bound: every month has these days, so H skips no month.
    hash_maximum=28,
)
MONTH: Final = Field(
    "month", 1, 12, names=_numbered("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", 1)
)
DAY_OF_WEEK: Final = Field(
    "day of week", 0, 6, names=_numbered("SUN MON TUE WED THU FRI SAT", 0), alias={7: 0}
)

FIELDS: Final = (SECOND, MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)
"""In the order of a six-field expression; a five-field one starts at the minute."""

DAY_FIELDS: Final = (DAY_OF_MONTH, DAY_OF_WEEK)

"""Whether this process may fire the tasks of a shard: the question and its answer."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Handover:
    """What the previous owner of a shard left to the next one.

    `flushed_through` is the resource version of its last status write when it released
    the shard in order: whoever has seen that version has seen all its records. It is
    empty when that is unknown, as after a crash or in a shard nobody owned before.
    """

    flushed_through: str = ""


class Ownership(Protocol):
    """Who may fire the tasks of a shard."""

    def owns(self, shard: int) -> bool:
        """Return whether this process may fire tasks of `shard` at this very moment.

        It is asked before each firing and costs less than a microsecond. An answer
        says nothing about the next moment, so it must not be kept.
        """

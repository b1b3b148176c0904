"""redrive reads and writes the annotation that asks for runs to be made again, for all programs.

::

    crontask.dev/redrive-requested: 47a96f5b4139c06d@2026-03-01T02:30:00Z 9be1f1dd@...

Each entry is the execution id of a run and the moment it was due. The run that answers it has an
id that follows from the entry, so that however often it is asked for, it is one run.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.identity import manual_execution_id
from crontask_core.times import rfc3339

MAX_REDRIVES: Final = MAX_ACTIVE_RUNS
"""Entries that count, the first ones: as many as may be under way."""

_LONGEST_ENTRY: Final = 128
_ENTRY: Final = re.compile(r"([0-9a-f]{1,64})@([0-9T:.+Z-]{1,40})")


class Redrive(NamedTuple):
    """A run that is to be made again: its execution id and when it was due, in UTC."""

    execution_id: str
    scheduled_time: datetime


def parse_redrives(text: str) -> tuple[Redrive, ...]:
    """Return the entries of the annotation's value `text`, without those that are none."""
    found: dict[str, Redrive] = {}
    # Whoever may write annotations may write 256 KiB of them.
    for word in text[: 2 * MAX_REDRIVES * _LONGEST_ENTRY].split():
        if (redrive := _parse(word)) is not None:
            found.setdefault(redrive.execution_id, redrive)
    return tuple(found.values())[:MAX_REDRIVES]


def format_redrives(redrives: Iterable[Redrive]) -> str:
    """Return the annotation's value for `redrives`."""
    return " ".join(f"{each.execution_id}@{rfc3339(each.scheduled_time)}" for each in redrives)


def redrive_execution_id(uid: str, execution_id: str) -> str:
    """Return the id of the run by which object `uid` makes the run `execution_id` again."""
    return manual_execution_id(uid, f"redrive:{execution_id}")


def _parse(word: str) -> Redrive | None:
    if (match := _ENTRY.fullmatch(word)) is None:
        return None
    try:
        moment = datetime.fromisoformat(match[2])
        return Redrive(match[1], moment.astimezone(UTC)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None

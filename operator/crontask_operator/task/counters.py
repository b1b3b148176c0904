"""counters adds to the counters of a task's status."""

import msgspec

from crontask_core.status import MAX_NUMBER, Counters
from crontask_operator.task.state import TaskState


def count(state: TaskState, **increments: int) -> None:
    """Add to the counters of `state`'s draft."""
    state.update(counters=grown(state.draft.counters, **increments))


def grown(counters: Counters, **increments: int) -> Counters:
    """Return `counters` with `increments` added."""
    for name in increments:
        increments[name] = min(increments[name] + getattr(counters, name), MAX_NUMBER)
    return msgspec.structs.replace(counters, **increments)

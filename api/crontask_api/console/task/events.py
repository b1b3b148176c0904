"""shown_events tells in words what the operator has told of a task in Kubernetes Events."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crontask_api.console.tasks.shown import Moment, moment
from crontask_api.console.words.language import Language
from crontask_api.kube.task_events import TaskEvent

MOST: Final = 10


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One Event."""

    kind: str
    words: str
    message: str
    when: Moment | None


def shown_events(events: Iterable[TaskEvent], language: Language, now: float) -> list[ShownEvent]:
    """Return what is shown of the newest of `events`, which come newest first."""
    return [
        ShownEvent(
            kind="bad" if each.type == "Warning" else "good",
            words=language.known(f"event.{each.reason}", each.reason),
            message=each.message,
            when=moment(language, each.last_timestamp.timestamp(), now),
        )
        for each in list(events)[:MOST]
        if each.last_timestamp is not None
    ]

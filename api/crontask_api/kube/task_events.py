"""task_events reads what the operator has told of a task in Kubernetes Events."""

from datetime import datetime
from typing import Final

import msgspec

from crontask_api.kube.session import RetryingSession
from crontask_kube.errors import decoded
from crontask_kube.paths import Resource, resource_path

MOST: Final = 50
"""Events of a task that are read; the cluster keeps them for an hour."""

COMPONENT: Final = "crontask-operator"
"""Who may have told something of a task. Others' Events are theirs to show."""


class _Source(msgspec.Struct):
    component: str = ""


class TaskEvent(msgspec.Struct, rename="camel"):
    """One Event."""

    reason: str = ""
    message: str = ""
    type: str = ""
    last_timestamp: datetime | None = None
    source: _Source = msgspec.field(default_factory=_Source)


class _Events(msgspec.Struct):
    items: list[TaskEvent] = []


_DECODER: Final = msgspec.json.Decoder(_Events)


async def read_task_events(session: RetryingSession, namespace: str, uid: str) -> list[TaskEvent]:
    """Return the Events of the task with this uid, newest first.

    Raises
    ------
    ApiError
        If the API server refuses or is away.
    """
    query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": str(MOST)}
    path = resource_path(Resource.EVENTS, namespace)
    found = decoded(_DECODER, await session.request("GET", path, query=query)).items
    ours = [(each.last_timestamp, each) for each in found if each.source.component == COMPONENT]
    dated = [(moment, event) for moment, event in ours if moment is not None]
    return [event for _, event in sorted(dated, key=lambda pair: pair[0], reverse=True)]

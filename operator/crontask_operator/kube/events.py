"""EventSender makes Kubernetes Events of the few things a person should be told of a task.

An Event marks a change (the first failure, the recovery), not every run: the records
are in the status. If a task fails and recovers again and again, there is an Event once in
five minutes, with the number of those that were left out.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from crontask_core.constants import API_VERSION, KIND
from crontask_core.times import rfc3339
from crontask_core.truncate import truncate
from crontask_kube.errors import ApiError
from crontask_kube.paths import Resource, resource_path
from crontask_operator.process.clock import Clock
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.sharing.share_watch import ShareWatch
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState

logger = logging.getLogger(__name__)

COMPONENT = "crontask-operator"

QUIET = timedelta(minutes=5)
"""After an Event, the same reason of the same task is only counted for so long."""

WAITING = 1000
"""Events that wait to be sent. When thousands of tasks fail at once, the status of
each says so; the rest of the Events would only keep the API server from the records."""

HOLD_SECONDS = 10.0
"""Due runs go first, but no longer than this: a load that never ends is one tenant's."""

MESSAGE_BYTES = 1024
"""What the API server accepts as the message of an Event."""


class Poster(Protocol):
    """The part of the API connection that is needed."""

    async def request(
        self, method: str, path: str, *, operation: str, body: bytes | None = None
    ) -> bytes:
        """Send one request."""


@dataclass(slots=True)
class _Told:
    at: datetime
    swallowed: int = 0


class EventSender:
    """Sends Events one at a time, when nothing more urgent is to be done.

    Parameters
    ----------
    caught_up
        Waits until no due run waits to be started.
    """

    def __init__(
        self, api: Poster, clock: Clock, caught_up: Callable[[], Awaitable[None]], *, instance: str
    ) -> None:
        self._api = api
        self._clock = clock
        self._caught_up = caught_up
        self._instance = instance
        self._waiting = FairQueue[tuple[str, bytes]]()
        self._arrived = asyncio.Event()
        self._told: dict[tuple[str, Notice], _Told] = {}
        self._forget_at = 2 * WAITING
        self._shares = ShareWatch("events")

    def notify(self, state: TaskState, notice: Notice, message: str) -> None:
        """Have an Event about `state` sent, unless the same was just said."""
        now = self._clock.now()
        key = (state.uid, notice)
        told = self._told.get(key)
        if told is not None and now - told.at < QUIET:
            told.swallowed += 1
            return
        if told is not None and told.swallowed:
            message = f"{message} ({told.swallowed} more since {rfc3339(told.at)})"
        if not self._has_room(state.namespace):
            return
        involved = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "namespace": state.namespace,
            "name": state.name,
            "uid": state.uid,
        }
        self._put(involved, notice.reason, message, now, warning=notice.warning)
        self._told[key] = _Told(now)
        self._forget_old(now)

    def notify_of_operator(self, namespace: str, pod: str, reason: str, message: str) -> None:
        """Have a warning about the operator itself sent, as about its pod."""
        involved = {"apiVersion": "v1", "kind": "Pod", "namespace": namespace, "name": pod}
        if self._has_room(namespace):
            self._put(involved, reason, message, self._clock.now(), warning=True)

    def _has_room(self, namespace: str) -> bool:
        """Tell whether `namespace` fills less of the queue than it leaves free for others."""
        if self._waiting.waiting(namespace) < WAITING - len(self._waiting):
            return True
        self._shares.full(namespace)
        return False

    def _put(
        self,
        involved: Mapping[str, str],
        reason: str,
        message: str,
        now: datetime,
        *,
        warning: bool,
    ) -> None:
        namespace = involved["namespace"]
        event = self._event(involved, reason, message, now, warning=warning)
        self._waiting.put(namespace, (namespace, event))
        self._arrived.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._arrived.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(HOLD_SECONDS):
                    await self._caught_up()
            taken = self._waiting.take()
            if taken is None:
                self._arrived.clear()
                continue
            namespace, event = taken
            self._waiting.give_back(namespace)
            try:
                await self._api.request(
                    "POST",
                    resource_path(Resource.EVENTS, namespace),
                    operation="event",
                    body=event,
                )
            except ApiError as error:
                # The status tells the same, so nothing is lost with an Event.
                logger.debug("An Event was not accepted: %s", error)

    def _event(
        self,
        involved: Mapping[str, str],
        reason: str,
        message: str,
        now: datetime,
        *,
        warning: bool,
    ) -> bytes:
        moment = rfc3339(now.replace(microsecond=0))
        return msgspec.json.encode(
            {
                "metadata": {
                    "name": f"{involved['name']}.{secrets.token_hex(8)}",
                    "namespace": involved["namespace"],
                },
                "involvedObject": involved,
                "type": "Warning" if warning else "Normal",
                "reason": reason,
                "message": truncate(message, MESSAGE_BYTES),
                "firstTimestamp": moment,
                "lastTimestamp": moment,
                "count": 1,
                "source": {"component": COMPONENT},
                "reportingComponent": COMPONENT,
                "reportingInstance": self._instance,
            }
        )

    def _forget_old(self, now: datetime) -> None:
        if len(self._told) > self._forget_at:
            self._told = {key: told for key, told in self._told.items() if now - told.at < QUIET}
            self._forget_at = 2 * max(len(self._told), WAITING)

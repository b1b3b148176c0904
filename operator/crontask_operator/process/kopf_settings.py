"""configure sets kopf up for the operator: it is to watch, and to do nothing else.

kopf keeps the last handled state of each object to compute differences for its change
handlers. There are none here: one low-level event handler feeds the engine. Taking
deep copies of every echo of every status write would cost more than the write.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any, Final

import kopf

WATCH_SECONDS: Final = 5
"""The API server is asked to end a watch after this; it goes on from where it was, and
an event that nothing changed, a bookmark, says how far that is. One small request."""

SILENT_SECONDS: Final = 8.0
"""A watch that brings nothing for longer than it may last has lost its connection
without a word, as behind a firewall that has forgotten it."""

CONNECT_SECONDS: Final = 3.0

REQUEST_SECONDS: Final = 30.0
"""Bound of one page of a listing; kopf would wait five minutes for a server that hangs."""


class NoDiffBase(kopf.DiffBaseStorage):
    """Remembers no last handled state."""

    def build(
        self, *, body: kopf.Body, extra_fields: Iterable[Any] | None = None
    ) -> kopf.BodyEssence:
        """Return an empty essence: no difference is ever asked for."""
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:
        """Return that nothing is remembered."""
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Remember nothing."""


class NoProgress(kopf.ProgressStorage):
    """Remembers no handler's progress: the event handler has none."""

    def fetch(self, *, key: Any, body: kopf.Body) -> None:
        """Return that nothing is remembered."""

    def store(self, *, key: Any, record: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """Remember nothing."""

    def purge(self, *, key: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """Forget nothing."""

    def touch(self, *, body: kopf.Body, patch: kopf.Patch, value: str | None) -> None:
        """Touch nothing."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """Return the essence as it is, without the copy that the default makes."""
        return essence


class EndlessBackoff(Iterable[float]):
    """Seconds to wait for the API server, again and again.

    kopf gives up after the last of a finite series, and its own grows to 21 seconds. A
    server error would then end the operator, and after an outage it would see nothing
    for so long.
    """

    def __iter__(self) -> Iterator[float]:
        """Return the waits after the first failure, the second, and so on."""
        return chain((0.5, 1.0, 2.0), repeat(3.0))


def configure(settings: kopf.OperatorSettings, *, drain_seconds: float) -> None:
    """Set kopf up for a single low-level handler that keeps its own state."""
    # Who runs what is settled by our Leases, task by task, not by kopf's peering.
    settings.peering.standalone = True
    # The operator emits a few Events of its own; log lines are not among them.
    settings.posting.enabled = False
    # The CRD is a condition for starting: without permission to watch CRDs and
    # namespaces the operator needs fewer rights.
    settings.scanning.disabled = True
    settings.persistence.diffbase_storage = NoDiffBase()
    settings.persistence.progress_storage = NoProgress()
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = WATCH_SECONDS
    settings.watching.inactivity_timeout = SILENT_SECONDS
    settings.networking.connect_timeout = CONNECT_SECONDS
    settings.networking.request_timeout = REQUEST_SECONDS
    settings.networking.error_backoffs = EndlessBackoff()
    # A worker coroutine per object is only worth keeping for a moment.
    settings.queueing.idle_timeout = 1.0
    # kopf would kill the process while calls in flight may still end.
    settings.process.ultimate_exiting_timeout = drain_seconds + 30

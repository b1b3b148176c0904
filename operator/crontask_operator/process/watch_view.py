"""WatchView tells how old the operator's view of the tasks is, for all who decide on it.

kopf lists the tasks and watches from there on. The API server is asked to end each watch
after a few seconds, so a connection that works is heard of that often, even if nothing
happens to any task::

    GET tasks ── all listed ──> GET tasks?watch ── ends ──> GET tasks?watch ── ...
                                      heard of                    heard of
"""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from types import SimpleNamespace
from typing import Final

import aiohttp

from crontask_core.constants import PLURAL
from crontask_kube.paths import namespace_of

LOOK_SECONDS: Final = 1.0
"""Between two looks at whether a namespace is out of sight for too long."""


class WatchView:
    """Follows kopf's requests for the tasks of one or more namespaces.

    `heard` is called whenever one of the watches is heard of; `clock` returns seconds
    that never go back.
    """

    def __init__(
        self, heard: Callable[[], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._heard = heard
        self._clock = clock
        # When each collection's watch was last heard of; -inf while it is listed.
        self._heard_at: dict[str, float] = {}
        # When each was last seen, and since when those are not that may not be read;
        # inf once that was told.
        self._seen_at: dict[str, float] = {}
        self._refused: dict[str, float] = {}
        self._seen_again: set[str] = set()

    def age(self) -> float:
        """Return the seconds since every watch was known to work; inf before that.

        A collection that is being listed, for the first time or anew, is not known; one
        that may not be read does not count.
        """
        return self._clock() - min(self._heard_at.values(), default=-inf)

    def namespaces(self) -> list[str | None]:
        """Return the namespaces whose tasks are watched and may be read; None means all."""
        return [namespace_of(path) for path in self._heard_at]

    async def follow_refusals(
        self,
        hide: Callable[[str | None], None],
        reveal: Callable[[str | None], None],
        after_seconds: float,
    ) -> None:
        """Call `hide` for ever with each namespace that may not be read for so long.

        `reveal` is called with it when it may be read again. None stands for all.
        """
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for namespace in self.unseen(after_seconds):
                hide(namespace)
            for namespace in self.seen_again():
                reveal(namespace)

    def unseen(self, after_seconds: float) -> list[str | None]:
        """Return the namespaces that may not be read, and were last seen so long ago.

        Each is returned once, until it is seen again; None stands for all.
        """
        until = self._clock() - after_seconds
        paths = [path for path, since in self._refused.items() if since < until]
        for path in paths:
            self._refused[path] = inf
            self._seen_again.discard(path)
        return [namespace_of(path) for path in paths]

    def seen_again(self) -> list[str | None]:
        """Return the namespaces that may be read again, each once; None stands for all."""
        paths, self._seen_again = self._seen_again, set()
        return [namespace_of(path) for path in paths]

    def trace(self) -> aiohttp.TraceConfig:
        """Return what tells an aiohttp session to report its requests here."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._on_start)
        trace.on_request_end.append(self._on_end)
        return trace

    async def _on_start(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        path = params.url.path
        if path.endswith(f"/{PLURAL}") and "watch" not in params.url.query:
            self._heard_at[path] = -inf

    async def _on_end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        path = params.url.path
        if params.response.status == HTTPStatus.FORBIDDEN:
            # The rights in this namespace were taken away. Its tasks cannot be seen, and
            # those of the other namespaces are fired nevertheless.
            self._heard_at.pop(path, None)
            self._refused.setdefault(path, self._seen_at.get(path, self._clock()))
        elif params.response.ok and (path in self._heard_at or path in self._refused):
            self._seen_at[path] = self._clock()
            if self._refused.pop(path, None) is not None:
                self._seen_again.add(path)
            if "watch" not in params.url.query:
                return
            # The watch goes on from the end of the listing, or of the watch before.
            self._heard_at[path] = self._seen_at[path]
        else:
            return
        self._heard()

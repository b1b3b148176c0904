"""Follower keeps a board in line with the CronTasks of one namespace, or of all.

::

    list, page by page ── watch ── ends ── watch ── 410 ── list ── ...
                            └── breaks, falls silent: a pause, then on from where it was

While the API server is away the board stays as it was, and says so.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Final, Protocol

import structlog

from crontask_api.console.live.board import Board
from crontask_api.console.live.row import Key, to_row
from crontask_api.kube.client import MOST_IN_PAGE, CronTaskClient
from crontask_api.kube.objects import CronTaskPage
from crontask_api.kube.session import RetryingSession
from crontask_api.kube.watch import Happened, TaskEvent, watch_tasks
from crontask_core.errors import CronTaskError
from crontask_kube.errors import ApiError, InvalidError

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
"""Between two tries while the API server is away: what people look at should be old by no
more than this once it is back."""

WATCH_SECONDS: Final = 45
"""After this the API server ends a watch, which then goes on from where it was."""

PROBE_SECONDS: Final = 1

EVERYWHERE: Final = "*"
"""What a board calls a follower of all namespaces."""

_log: Final = structlog.get_logger(__name__)


class Source(Protocol):
    """Where tasks come from; see `ClusterSource`."""

    async def page(self, namespace: str | None, continue_from: str) -> CronTaskPage:
        """Return a page of the list."""

    def watch(
        self, namespace: str | None, version: str, seconds: int
    ) -> AsyncGenerator[TaskEvent, None]:
        """Yield what happens after `version`, for so many seconds."""


class ClusterSource:
    """The API server, over a session of its own: a watch keeps a connection for itself."""

    def __init__(self, session: RetryingSession) -> None:
        self._session = session
        self._client = CronTaskClient(session)

    async def page(self, namespace: str | None, continue_from: str) -> CronTaskPage:
        """Return a page of the list."""
        return await self._client.page(namespace, limit=MOST_IN_PAGE, continue_from=continue_from)

    def watch(
        self, namespace: str | None, version: str, seconds: int
    ) -> AsyncGenerator[TaskEvent, None]:
        """Yield what happens after `version`, for so many seconds."""
        return watch_tasks(self._session, namespace, version, seconds=seconds)


class Follower:
    """Follows the tasks of `namespace`, or of all namespaces if that is None."""

    def __init__(
        self,
        source: Source,
        board: Board,
        namespace: str | None,
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._board = board
        self._namespace = namespace
        self._name = EVERYWHERE if namespace is None else namespace
        self._jitter = jitter
        self._version = ""
        self._failures = 0
        board.expect(self._name)

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            try:
                self._version = self._version or await self._list()
                await self._watch()
            except InvalidError as error:
                # Too old (410), or no version at all to this API server: list anew.
                self._version = ""
                if error.status != HTTPStatus.GONE:
                    await self._pause(error)
            except CronTaskError as error:
                await self._pause(error)
            except Exception as error:
                # Whatever it is, the console must not show an old state for ever.
                _log.error("fault", following=self._name, exc_info=error)
                self._version = ""
                await self._pause(error)

    async def _list(self) -> str:
        keys: set[Key] = set()
        continue_from = ""
        while True:
            page = await self._source.page(self._namespace, continue_from)
            for task in page.items:
                row = to_row(task)
                keys.add(row.key)
                self._board.put(row)
            continue_from = page.metadata.continue_
            if not continue_from:
                break
        self._board.keep_only(keys, self._namespace)
        self._board.seen(self._name)
        return page.metadata.resource_version

    async def _watch(self) -> None:
        # A watch tells nothing until something happens. So the first one after a failure
        # ends at once, and then it is known that watching works again.
        seconds = PROBE_SECONDS if self._failures else WATCH_SECONDS
        source = self._source.watch(self._namespace, self._version, seconds)
        async with aclosing(source) as events:
            async for event in events:
                self._take(event)
                self._version = event.version or self._version
        self._failures = 0
        self._board.seen(self._name)

    def _take(self, event: TaskEvent) -> None:
        if event.task is None:
            return
        meta = event.task.metadata
        if event.kind is Happened.DELETED:
            self._board.drop((meta.namespace, meta.name))
        else:
            self._board.put(to_row(event.task))

    async def _pause(self, error: Exception) -> None:
        self._failures += 1
        why = str(error) if isinstance(error, ApiError) else "a fault of the console itself"
        if self._failures == 1:
            _log.warning("the console's view is out of date", following=self._name, error=why)
        self._board.lost(self._name, why)
        longest = FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures - 1, 10)
        # Replicas that lost the API server together do not come back together.
        await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, longest) * (1 - self._jitter() / 2))

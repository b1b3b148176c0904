"""mount adds the console to the facade, and runs what keeps its view up to date.

Nothing else imports the console, so that a facade without it imports nothing of its
libraries.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fastapi import FastAPI

from crontask_api.console.api.endpoints import PATH as API_PATH
from crontask_api.console.frame.assets import Assets
from crontask_api.console.frame.console import Console
from crontask_api.console.frame.templates import Templates
from crontask_api.console.live.board import Board
from crontask_api.console.live.details import Details
from crontask_api.console.live.follower import ClusterSource, Follower
from crontask_api.console.live.shared import Shared
from crontask_api.console.pages import all_pages
from crontask_api.console.runs.day import day_stats
from crontask_api.console.session.attempts import Attempts
from crontask_api.console.session.keys import read_keys
from crontask_api.console.session.logouts import LogoutBook, Logouts, MemoryBook
from crontask_api.console.session.session import Sessions
from crontask_api.console.tasks.day_ahead import day_ahead
from crontask_api.kube.leases import read_leases
from crontask_api.kube.logouts import ConfigMapBook
from crontask_api.kube.session import RetryingSession
from crontask_api.kube.task_events import TaskEvent, read_task_events
from crontask_api.routes.dependencies import Services
from crontask_api.settings import Settings
from crontask_api.web.namespaces import ANY
from crontask_history.statistics import RunStats

EVENTS_SECONDS: Final = 15.0
MOST_EVENTS: Final = 100
"""Tasks whose Events are kept, 50 of 1 KB each at most."""

DAY_SECONDS: Final = 60.0
MOST_DAYS: Final = 200
"""Namespaces whose last day is kept. To count it is the largest question to the history."""

LEASES_SECONDS: Final = 5.0
"""A replica renews its own about as often."""

AHEAD_SECONDS: Final = 60.0
MOST_AHEAD: Final = 50
"""Sets of namespaces whose next day is kept. To count it is most of what an overview costs."""

MOST_FAILED_LOGINS: Final = 10
"""Logins that may fail in a row from one address."""
LOGIN_REFILL_SECONDS: Final = 30.0
"""After which one more may."""

MOST_TRIALS: Final = 10
"""Test calls that a person may make in a row."""
TRIAL_REFILL_SECONDS: Final = 20.0
"""After which they may make one more."""


def add_console(app: FastAPI, settings: Settings) -> None:
    """Add the pages to `app`.

    Raises
    ------
    KeysError
        If the keys of the sessions cannot be used.
    """
    app.state.console_keys = read_keys(settings.console_key_path)
    app.state.reference_path = API_PATH
    app.router.routes.extend(all_pages())


def make_console(app: FastAPI, services: Services, session: RetryingSession) -> Console:
    """Return what the pages of `app` share, which ask the API server by `session`."""
    board, assets = Board(), Assets()
    settings = services.settings

    async def events(task: tuple[str, str]) -> list[TaskEvent]:
        return await read_task_events(session, *task)

    return Console(
        settings=settings,
        authenticator=services.authenticator,
        client=services.client,
        board=board,
        details=Details(services.client, board),
        sessions=Sessions(
            app.state.console_keys,
            idle_seconds=settings.console_idle_seconds,
            most_seconds=settings.console_session_seconds,
        ),
        logouts=Logouts(
            _book(settings, session), most_seconds=settings.console_session_seconds, now=time.time
        ),
        attempts=Attempts(
            time.monotonic, most=MOST_FAILED_LOGINS, refill_seconds=LOGIN_REFILL_SECONDS
        ),
        trials=Attempts(time.monotonic, most=MOST_TRIALS, refill_seconds=TRIAL_REFILL_SECONDS),
        assets=assets,
        templates=Templates(assets),
        events=Shared(events, seconds=EVENTS_SECONDS, most=MOST_EVENTS),
        leases=Shared(partial(read_leases, session), seconds=LEASES_SECONDS, most=1),
        ahead=Shared(partial(_ahead, board), seconds=AHEAD_SECONDS, most=MOST_AHEAD),
        days=_days(services),
        history=services.history,
    )


async def _ahead(board: Board, namespaces: frozenset[str]) -> tuple[datetime, list[int]]:
    rows = [row for row in board.rows.values() if row.namespace in namespaces]
    found = await day_ahead(rows, datetime.now(UTC))
    return found.begin, found.counts


def _book(settings: Settings, session: RetryingSession) -> LogoutBook:
    if not settings.console_logouts:
        return MemoryBook()
    namespace, _, name = settings.console_logouts.partition("/")
    return ConfigMapBook(session, namespace, name)


def _days(services: Services) -> Shared[str, RunStats] | None:
    history = services.history
    if history is None:
        return None

    async def stats(namespace: str) -> RunStats:
        return await day_stats(history, namespace, time.time)

    return Shared(stats, seconds=DAY_SECONDS, most=MOST_DAYS)


@asynccontextmanager
async def follow(console: Console, session: RetryingSession) -> AsyncIterator[None]:
    """Keep the console's board up to date during the block.

    `session` is for this alone: each watch keeps a connection for itself.
    """
    settings = console.settings
    names = {settings.namespace, *settings.allowed_namespaces}
    namespaces: list[str | None] = [None] if ANY in names else [*sorted(names)]
    source = ClusterSource(session)
    followers = [Follower(source, console.board, each) for each in namespaces]
    running = [asyncio.ensure_future(each.run()) for each in followers]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

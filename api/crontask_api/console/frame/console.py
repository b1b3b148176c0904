"""Console is what the pages need for as long as the facade runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request

from crontask_api.auth.authenticator import Authenticator
from crontask_api.console.frame.assets import Assets
from crontask_api.console.frame.templates import Templates
from crontask_api.console.live.board import Board
from crontask_api.console.live.details import Details
from crontask_api.console.live.shared import Shared
from crontask_api.console.session.attempts import Attempts
from crontask_api.console.session.logouts import Logouts
from crontask_api.console.session.session import Sessions
from crontask_api.kube.client import CronTaskClient
from crontask_api.kube.leases import LeaseView
from crontask_api.kube.task_events import TaskEvent
from crontask_api.settings import Settings
from crontask_history.statistics import RunStats
from crontask_history.store import HistoryStore


@dataclass(frozen=True, slots=True)
class Console:
    """What all pages share."""

    settings: Settings
    authenticator: Authenticator
    client: CronTaskClient
    board: Board
    details: Details
    sessions: Sessions
    logouts: Logouts
    attempts: Attempts
    """Logins that failed, by address."""
    trials: Attempts
    """Test calls, by person."""
    assets: Assets
    templates: Templates
    events: Shared[tuple[str, str], list[TaskEvent]]
    """Of a task, by namespace and uid."""
    leases: Shared[str, list[LeaseView]]
    """Of the operator, by the namespace in which it keeps them."""
    ahead: Shared[frozenset[str], tuple[datetime, list[int]]]
    """Runs of the next day by minute, from a moment on, by the namespaces whose tasks count."""
    days: Shared[str, RunStats] | None = None
    """Figures of the last day, by namespace; None without a history."""
    history: HistoryStore | None = None
    """Where runs are kept beyond the statuses; None if they are not."""
    now: Callable[[], float] = field(default=time.time)
    """Seconds since the epoch."""


def console_of(request: Request) -> Console:
    """Return the console of the application that `request` came to."""
    console: Console = request.app.state.console
    return console

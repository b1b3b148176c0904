"""Overview: what fails, what is late, and what comes in the next hour."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from crontask_api.auth.authenticator import Verb
from crontask_api.console.cluster.health import health_of
from crontask_api.console.frame.page import live_address, page
from crontask_api.console.frame.rights import allowed
from crontask_api.console.frame.route import SEE_OTHER, pages
from crontask_api.console.frame.visit import Visit, visit_of
from crontask_api.console.live.row import Row
from crontask_api.console.picture.minutes import columns_of
from crontask_api.console.runs.day import day_of
from crontask_api.console.runs.finding import MOST_NAMESPACES, patiently
from crontask_api.console.tasks.day_ahead import DayAhead
from crontask_api.console.tasks.day_shown import shown_ahead
from crontask_api.console.tasks.due import Due, due_by_minute
from crontask_api.console.tasks.found import found_rows
from crontask_api.console.tasks.shown import is_late, shown_rows
from crontask_api.console.words.language import Language
from crontask_core.enums import Phase
from crontask_history.errors import HistoryError
from crontask_kube.errors import ApiError

MOST_SHOWN: Final = 10
"""Tasks in each list; the list of tasks shows all."""

ALWAYS_COUNTED: Final = frozenset({Phase.ACTIVE, Phase.SUSPENDED, Phase.SUCCEEDED})

LABELS_EVERY: Final = 10
"""Minutes between two labels of the picture."""

PACE_SECONDS: Final = 5
"""Between two looks at it, whatever changes: all tasks are counted for each."""

router = pages()


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A minute of the picture."""

    x: int
    y: float
    height: float
    count: int
    is_most: bool
    title: str


@dataclass(frozen=True, slots=True)
class ShownDue:
    """The picture of the next hour, and what it tells in words. Times are of UTC."""

    total: int
    most: int
    when: str
    columns: list[ShownColumn]
    labels: list[str]


@router.get("/")
async def home(request: Request) -> Response:
    """Lead to the console."""
    return RedirectResponse("/console/", status_code=SEE_OTHER)


@router.get("/console")
@router.get("/console/")
async def overview(request: Request) -> Response:
    """Show what matters now."""
    visit = visit_of(request)
    now, language = visit.console.now(), visit.language
    live = live_address(visit, pace=PACE_SECONDS)
    rows = await found_rows(visit)
    failing = [row for row in rows if row.is_failing and row.phase != Phase.SUSPENDED]
    # What has just begun to fail is what nobody knows of yet.
    failing.sort(key=lambda row: -(row.failing_since or row.last_run or 0))
    late = sorted(
        (row for row in rows if is_late(row, now) or row.retry_at is not None), key=_waits_since
    )
    namespaces = {row.namespace for row in failing[:MOST_SHOWN]}
    return page(
        visit,
        "overview",
        section="overview",
        live=live,
        total=len(rows),
        phases=_phases(rows, language),
        failing_count=len(failing),
        failing=shown_rows(failing[:MOST_SHOWN], language, now),
        late=shown_rows(late[:MOST_SHOWN], language, now),
        may_change=bool(await allowed(visit, Verb.PATCH, namespaces)),
        **await _day(visit, rows),
        **await _health(visit),
        ahead=shown_ahead(await _ahead(visit, rows), language),
        due=_shown(await due_by_minute(rows, datetime.fromtimestamp(now, UTC))),
    )


def _phases(rows: list[Row], language: Language) -> list[tuple[str, str, int]]:
    """Return how many tasks are in each phase, which make all of them together.

    Phases in which none is are left out, but for those that people look for.
    """
    counts = Counter(row.phase for row in rows)
    known = [phase.value for phase in Phase]
    others = sorted(counts.keys() - set(known))
    return [
        (phase if phase in known else "", language.known(f"phase.{phase}", phase), counts[phase])
        for phase in [*known, *others]
        if counts[phase] or phase in ALWAYS_COUNTED
    ]


async def _ahead(visit: Visit, rows: list[Row]) -> DayAhead:
    return DayAhead(*await visit.console.ahead.get(frozenset(row.namespace for row in rows)))


async def _day(visit: Visit, rows: list[Row]) -> dict[str, Any]:
    """Return what the last day was like, None if that is not known."""
    days = visit.console.days
    namespaces = sorted({row.namespace for row in rows})
    if days is None or not namespaces:
        return {"day": None, "day_trouble": ""}
    if len(namespaces) > MOST_NAMESPACES:
        count = visit.language.number(MOST_NAMESPACES)
        return {"day": None, "day_trouble": visit.language.text("day.too_many", count=count)}
    try:
        async with patiently():
            stats = await asyncio.gather(*map(days.get, namespaces))
    except HistoryError as error:
        return {"day": None, "day_trouble": visit.language.text("day.away", why=str(error))}
    pairs = list(zip(namespaces, stats, strict=True))
    return {"day": day_of(pairs, visit.language, visit.console.now()), "day_trouble": ""}


async def _health(visit: Visit) -> dict[str, Any]:
    """Return how the operator is, None if that is not known here or not to be told."""
    namespace = visit.console.settings.console_lease_namespace
    if not namespace:
        return {"health": None, "health_trouble": ""}
    try:
        leases = await visit.console.leases.get(namespace)
    except ApiError as error:
        return {"health": None, "health_trouble": str(error)}
    health = health_of(leases, visit.language, visit.console.now())
    return {"health": health, "health_trouble": ""}


def _waits_since(row: Row) -> float:
    return row.next_run or row.retry_at or 0.0


def _shown(due: Due) -> ShownDue:
    times = [
        f"{due.begin + timedelta(minutes=place):%H:%M} UTC" for place in range(len(due.counts))
    ]
    most = max(due.counts)
    columns = [
        ShownColumn(
            column.x,
            column.y,
            column.height,
            column.count,
            column.is_most,
            f"{time}: {column.count}",
        )
        for column, time in zip(columns_of(due.counts), times, strict=True)
    ]
    return ShownDue(
        total=sum(due.counts),
        most=most,
        when=times[due.counts.index(most)],
        columns=columns,
        labels=[time.removesuffix(" UTC") for time in times[::LABELS_EVERY]],
    )

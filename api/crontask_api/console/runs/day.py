"""day_of tells what the last day was like, hour by hour, from the figures of the history."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_api.console.picture.course import WIDTH, Course, Point, course_of
from crontask_api.console.picture.hours import HourColumn, hours_of
from crontask_api.console.tasks.shown import task_address
from crontask_api.console.words.language import Language
from crontask_history.filters import RunFilter
from crontask_history.statistics import Figures, Per, RunStats, Spread
from crontask_history.store import HistoryStore

HOURS: Final = 24
LABELS_EVERY: Final = 4
MOST_FAILING: Final = 5


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task that failed, and how often."""

    address: str
    title: str
    told: str


@dataclass(frozen=True, slots=True)
class ShownDay:
    """The pictures of a day, and what they tell in words."""

    told: str
    columns: list[HourColumn]
    titles: list[str]
    labels: list[str]
    lag: Course | None
    lag_told: str
    lag_titles: list[str]
    failing: list[FailedTask]


async def day_stats(history: HistoryStore, namespace: str, now: Callable[[], float]) -> RunStats:
    """Return the figures of the last 24 hours, this one included.

    Lags are those of runs that were due in these hours: a task that was to run once, long
    before it was created, says nothing of how late runs begin.

    Raises
    ------
    HistoryError
        If the database is away, or has too much to count.
    """
    moment = datetime.fromtimestamp(now(), UTC)
    begin = _hours(moment)[0]
    wanted = RunFilter(namespace=namespace, begin=begin, end=moment, due_from=begin)
    return await history.stats(wanted, Per.HOUR)


def day_of(
    stats: Sequence[tuple[str, RunStats]], language: Language, now: float
) -> ShownDay | None:
    """Return what is shown of the figures of some namespaces; None if nothing ran."""
    hours = _hours(datetime.fromtimestamp(now, UTC))
    by_hour: dict[datetime, list[Figures]] = {hour: [] for hour in hours}
    for _, each in stats:
        for span in each.spans:
            by_hour.setdefault(span.begin, []).append(span.figures)
    figures = [_together(by_hour[hour]) for hour in hours]
    if not any(each.runs or each.failures for each in figures):
        return None
    counted, names = language.counted, [f"{hour:%H:%M}" for hour in hours]
    lags = [each.lag.p99 or 0.0 for each in figures]
    slowest = max(figures, key=lambda each: each.lag.p99 or 0.0).lag
    return ShownDay(
        told=language.text(
            "day.told",
            runs=counted("day.count.runs", sum(each.runs for each in figures)),
            failures=counted("day.count.failures", sum(each.failures for each in figures)),
            retries=counted("day.count.retries", sum(each.retries for each in figures)),
        ),
        columns=hours_of([(each.runs + each.retries, each.failures) for each in figures]),
        titles=[
            language.text(
                "day.hour",
                hour=name,
                runs=counted("day.count.runs", each.runs),
                failures=counted("day.count.failures", each.failures),
            )
            for name, each in zip(names, figures, strict=True)
        ],
        labels=names[::LABELS_EVERY],
        lag=_lag(lags),
        lag_told=_lag_told(slowest, language),
        lag_titles=[
            f"{name} UTC: {language.span(lag)}" for name, lag in zip(names, lags, strict=True)
        ],
        failing=_failing(stats, language),
    )


def _hours(now: datetime) -> list[datetime]:
    this = now.replace(minute=0, second=0, microsecond=0)
    return [this - timedelta(hours=back) for back in reversed(range(HOURS))]


def _together(some: Iterable[Figures]) -> Figures:
    """Return the figures of an hour in several namespaces.

    Of spreads the largest: what is not exceeded in each of them is not in all together.
    """
    all_of = list(some)
    p50 = [each.lag.p50 for each in all_of if each.lag.p50 is not None]
    p99 = [each.lag.p99 for each in all_of if each.lag.p99 is not None]
    return Figures(
        runs=sum(each.runs for each in all_of),
        failures=sum(each.failures for each in all_of),
        retries=sum(each.retries for each in all_of),
        lag=Spread(max(p50, default=None), max(p99, default=None)),
    )


def _lag(lags: Sequence[float]) -> Course | None:
    if not any(lags):
        return None
    # As wide as the picture of the runs, hour for hour.
    return course_of([Point(max(0.0, lag), is_bad=False) for lag in lags], widest=WIDTH)


def _lag_told(slowest: Spread, language: Language) -> str:
    if slowest.p50 is None or slowest.p99 is None:
        return ""
    span = language.span
    half, nearly_all = max(0.0, slowest.p50), max(0.0, slowest.p99)
    return language.text("day.lag", p50=span(half), p99=span(nearly_all))


def _failing(stats: Sequence[tuple[str, RunStats]], language: Language) -> list[FailedTask]:
    found = [(namespace, task) for namespace, each in stats for task in each.failing]
    found.sort(key=lambda pair: -pair[1].figures.failures)
    return [
        FailedTask(
            address=task_address((namespace, task.name)),
            title=task.task_name,
            told=language.text("day.failed", failures=language.number(task.figures.failures)),
        )
        for namespace, task in found[:MOST_FAILING]
    ]

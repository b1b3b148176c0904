"""Figures of runs, from the history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.mapping.history import to_choice
from crontask_api.mapping.run_stats import spans, to_statistics
from crontask_api.schemas.run_requests import MAX_SPANS, StatsRequest
from crontask_api.schemas.run_responses import RunStatistics
from crontask_api.service.context import Context
from crontask_api.service.list_runs import history_of
from crontask_core.times import rfc3339
from crontask_history.errors import TooLongError
from crontask_history.statistics import Per

SPANS: Final = {Per.MINUTE: 60, Per.HOUR: 24, Per.DAY: 30}
"""Spans before `end` that are counted if the request has no `begin`."""


async def run_stats(context: Context, request: StatsRequest) -> RunStatistics:
    """Return the figures that `request` asks for.

    Raises
    ------
    RequestError
        If no history is kept, or if there is too much to count.
    HistoryError
        If its database is away.
    """
    history = history_of(context)
    begin, end = _range(request, context.now())
    wanted = replace(to_choice(request, context.namespace), begin=begin, end=end)
    try:
        async with within(context.timeout_seconds):
            stats = await history.stats(wanted, request.per)
    except TooLongError as error:
        raise RequestError(
            f"begin, end: {error}; expected a shorter time, or fewer tasks by task_id or module"
        ) from error
    return to_statistics(stats, begin, end, request.per)


def _range(request: StatsRequest, now: datetime) -> tuple[datetime, datetime]:
    per = request.per
    end = request.end or now
    begin = request.begin
    if begin is None:
        # The span that `end` is in is one of them.
        room = end - datetime.min.replace(tzinfo=UTC)
        begin = end - min(SPANS[per] * per.length - timedelta(microseconds=1), room)
        begin = next(spans(begin, end, per), end)
    if begin >= end:
        raise RequestError(
            f"begin: expected a moment before {rfc3339(end)}, found {rfc3339(begin)}"
        )
    if (end - begin) / per.length > MAX_SPANS:
        raise RequestError(
            f"begin, end: expected a time of at most {MAX_SPANS} spans of one {per}, "
            f"found {(end - begin) / per.length:.0f}"
        )
    return begin, end

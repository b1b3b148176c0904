"""Listing runs of all tasks, from the history."""

from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.mapping.history import to_filter, to_run_entry
from crontask_api.schemas.run_requests import RunsRequest
from crontask_api.schemas.run_responses import RunEntry, RunPage
from crontask_api.service.answer_room import AnswerRoom
from crontask_api.service.context import Context
from crontask_api.service.cursor import decode_cursor, encode_cursor
from crontask_history.filters import Position
from crontask_history.store import HistoryStore


async def list_runs(context: Context, request: RunsRequest) -> RunPage:
    """Return the next runs that `request` asks for.

    Raises
    ------
    RequestError
        If no history is kept, or if the cursor is not one of ours.
    HistoryError
        If its database is away or too slow.
    """
    history = history_of(context)
    after = decode_cursor(request.cursor) if request.cursor else None
    async with within(context.timeout_seconds):
        page = await history.query(to_filter(request, context.namespace, after))
    room = AnswerRoom(context.hold_answer)
    entries: list[RunEntry] = []
    for index, row in enumerate(page.rows):
        entry = to_run_entry(row)
        # The first one fits in any case, or nobody could ever go beyond it.
        if not room.take(entry) and index:
            return RunPage(entries, encode_cursor(Position.of(page.rows[index - 1])))
        entries.append(entry)
    return RunPage(entries, "" if page.next is None else encode_cursor(page.next))


def history_of(context: Context) -> HistoryStore:
    """Return the history.

    Raises
    ------
    RequestError
        If none is kept.
    """
    if context.history is None:
        raise RequestError(
            "no history is kept here: it needs a database, which the setting history_url names; "
            "query_task_status has the latest attempts of a task"
        )
    return context.history

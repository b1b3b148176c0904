"""Listing all tasks of a namespace, filtered, a page at a time."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from crontask_api.codes import Enable
from crontask_api.deadline import within
from crontask_api.errors import RequestError
from crontask_api.kube.client import MOST_IN_PAGE
from crontask_api.kube.objects import CronTask, CronTaskPage
from crontask_api.mapping.task_type import type_number
from crontask_api.mapping.view import to_view
from crontask_api.schemas.requests import ListOptions
from crontask_api.schemas.responses import Task, TaskPage
from crontask_api.service.answer_room import AnswerRoom
from crontask_api.service.context import Context
from crontask_core.errors import SpecError
from crontask_core.spec import CronTaskSpec
from crontask_kube.errors import InvalidError

MOST_SCANNED: Final = 5000
"""Tasks that one request looks through. Beyond that it answers what it found and a
cursor, so that a filter which matches little costs bounded time."""


class Cursor(NamedTuple):
    """Where a list goes on: in the API server's page at `page`, after the task `after`."""

    page: str
    after: str


@dataclass(slots=True)
class Listing:
    """Part of a list, in the order of ids."""

    tasks: list[Task] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    next_cursor: str = ""
    """Empty at the end."""


async def list_tasks(context: Context, options: ListOptions) -> tuple[TaskPage, list[str]]:
    """Return the next tasks that `options` ask for, and what to warn of.

    Raises
    ------
    RequestError
        If the cursor is not one of ours, or is too old.
    ApiError
        If the API server refuses, is away, or is too slow.
    """
    async with within(context.timeout_seconds):
        listing = await _list(context, options)
    return TaskPage(listing.tasks, listing.next_cursor), listing.warnings


async def _list(context: Context, options: ListOptions) -> Listing:
    cursor = _decode(options.cursor) if options.cursor else Cursor("", "")
    # In this form once for all tasks: a text may be as long as a whole request.
    options = options.model_copy(update={"text": (options.text or "").casefold()})
    listing = Listing()
    room = AnswerRoom(context.hold_answer)
    scanned = 0
    while True:
        page = await _fetch(context, cursor.page)
        scanned += len(page.items)
        for task in page.items:
            # The API server lists in the order of names, also when it has changed since.
            if task.metadata.name > cursor.after:
                if len(listing.tasks) == options.limit or not _take(task, options, listing, room):
                    listing.next_cursor = _encode(cursor)
                    return listing
                cursor = Cursor(cursor.page, task.metadata.name)
        if not page.metadata.continue_:
            return listing
        cursor = Cursor(page.metadata.continue_, cursor.after)
        if scanned >= MOST_SCANNED:
            listing.next_cursor = _encode(cursor)
            return listing


async def _fetch(context: Context, continue_from: str) -> CronTaskPage:
    try:
        return await context.client.page(
            context.namespace, limit=MOST_IN_PAGE, continue_from=continue_from
        )
    except InvalidError as error:
        raise RequestError(f"cursor: begin again without it, as {error}") from error


def _take(task: CronTask, options: ListOptions, listing: Listing, room: AnswerRoom) -> bool:
    """Add `task` to `listing` if it is wanted; return False if there is no room for it."""
    try:
        if _is_wanted(task.task_name, task.typed_spec(), options):
            view = to_view(task)
            if not room.take(view):
                return False
            listing.tasks.append(view)
    except SpecError as error:
        listing.warnings.append(f"the task {task.metadata.name} cannot be read: {error}")
    return True


def _is_wanted(name: str, spec: CronTaskSpec, options: ListOptions) -> bool:
    return (
        options.module in (None, spec.module)
        and options.type in (None, type_number(spec))
        and (options.enable is None or spec.suspend is (options.enable is Enable.OFF))
        and (not options.text or _contains(name, spec, options.text))
    )


def _contains(name: str, spec: CronTaskSpec, text: str) -> bool:
    http, grpc = spec.callback.http, spec.callback.grpc
    url = http.url if http is not None else ""
    address = f"{grpc.address}/{grpc.service}.{grpc.method}" if grpc is not None else ""
    return any(text in each.casefold() for each in (name, url, address))


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def _decode(text: str) -> Cursor:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Cursor)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise RequestError("cursor: expected next_cursor of an earlier answer") from error

"""Many items at once: each answered for itself, in order, within the request's time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from crontask_api.errors import FacadeError
from crontask_api.results import failed
from crontask_api.schemas.parsing import ItemT, parse_item
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.context import Context
from crontask_core.errors import CronTaskError
from crontask_kube.errors import SilentError, UnavailableError

WIDTH: Final = 24
"""Items of one request in progress at a time. More gain nothing, as the API server is
busy by then (``benchmarks/facade.py``), and would crowd out other clients."""


ResultT = TypeVar("ResultT", bound=TaskResult)


async def answer_each(
    items: Sequence[Any],
    work: Callable[[int, Any], Awaitable[ResultT]],
    *,
    key: Callable[[Any], object],
    timeout_seconds: float,
    since: float | None = None,
) -> list[ResultT | TaskResult]:
    """Return ``work(index, item)`` of every item, in the order of `items`.

    Items with the same `key` are about the same task, so they are worked on one after
    the other, in their order. An error of one item is that item's result. When the time
    is up, what is not done yet fails, and says whether it was begun. So does what was not
    begun when an item shows that the API server answers nobody: it would use up the time.
    The time counts from `since` on the event loop's clock, by default from now.
    """
    if since is None:
        since = asyncio.get_running_loop().time()
    results: dict[int, ResultT | TaskResult] = {}
    begun: set[int] = set()
    groups: dict[object, list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(key(item), []).append(index)
    waiting = iter(groups.values())
    silences: list[SilentError] = []

    async def worker() -> None:
        for indexes in waiting:
            for index in indexes:
                if silences:
                    return
                begun.add(index)
                try:
                    results[index] = await work(index, items[index])
                except SilentError as error:
                    silences.append(error)
                    results[index] = failed(items[index], _in_vain(error))
                except (FacadeError, CronTaskError) as error:
                    results[index] = failed(items[index], error)
                # What is wrong with an item is found without waiting for anything, and a
                # thousand expressions or names of zones would keep everybody else waiting.
                await asyncio.sleep(0)

    try:
        async with asyncio.timeout_at(since + timeout_seconds), asyncio.TaskGroup() as workers:
            for _ in range(min(WIDTH, len(groups))):
                workers.create_task(worker())
    except TimeoutError:
        for index, item in enumerate(items):
            results.setdefault(index, failed(item, _out_of_time(timeout_seconds, index in begun)))
    if silences:
        for index, item in enumerate(items):
            results.setdefault(index, failed(item, not_begun(silences[0])))
    return [results[index] for index in range(len(items))]


def not_begun(silence: SilentError) -> UnavailableError:
    """Return the error of an item that nothing was asked for, because of another's `silence`."""
    return UnavailableError(f"{silence}; it was not begun")


async def answer_parsed(
    context: Context,
    items: Sequence[Any],
    model: type[ItemT],
    work: Callable[[Context, ItemT], Awaitable[ResultT]],
    *,
    key: Callable[[Any], object],
) -> list[ResultT | TaskResult]:
    """Return ``work(context, item)`` of every item, parsed as `model`; see `answer_each`."""
    return await answer_each(
        items,
        lambda _, fields: work(context, parse_item(model, fields)),
        key=key,
        timeout_seconds=context.timeout_seconds,
    )


def _in_vain(silence: SilentError) -> UnavailableError:
    what = "it may have been done or not" if silence.sent else "it was not done"
    return UnavailableError(f"{silence}; {what}", sent=silence.sent)


def _out_of_time(seconds: float, was_begun: bool) -> UnavailableError:
    what = "it may have been done or not" if was_begun else "it was not begun"
    return UnavailableError(
        f"the request's {seconds:g} s ran out before this item was done; {what}",
        sent=was_begun,
    )

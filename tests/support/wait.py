"""Waiting for a condition, not for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeVar, overload

T = TypeVar("T")
Description = str | Callable[[], str]

POLL_SECONDS = 0.02


@overload
async def eventually(
    predicate: Callable[[], Awaitable[T]],
    timeout: float = ...,  # noqa: ASYNC109 - see below
    describe: Description = ...,
) -> T: ...


@overload
async def eventually(
    predicate: Callable[[], T],
    timeout: float = ...,  # noqa: ASYNC109 - see below
    describe: Description = ...,
) -> T: ...


async def eventually(
    predicate: Callable[[], Any],
    timeout: float = 10.0,  # noqa: ASYNC109 - an assertion, not a cancellation, ends it
    describe: Description = "the condition",
) -> Any:
    """Return the first truthy value of `predicate`, asked again and again.

    `describe` names what is waited for, or is a function that says what there is
    instead; it appears in the failure after `timeout` seconds. An exception of
    `predicate` is not swallowed.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if isawaitable(value):
            value = await value
        if value:
            return value
        _check(deadline, timeout, describe, value)
        await asyncio.sleep(POLL_SECONDS)


def eventually_sync(
    predicate: Callable[[], T],
    timeout: float = 10.0,
    describe: Description = "the condition",
    *,
    every: float = POLL_SECONDS,
) -> T:
    """Do the same in a test without an event loop, asking `every` so many seconds."""
    deadline = time.monotonic() + timeout
    while True:
        if value := predicate():
            return value
        _check(deadline, timeout, describe, value)
        time.sleep(every)


def _check(deadline: float, timeout: float, describe: Description, value: object) -> None:
    if time.monotonic() >= deadline:
        what = describe if isinstance(describe, str) else describe()
        raise AssertionError(f"{what}: not within {timeout:g} s; last seen: {value!r}")

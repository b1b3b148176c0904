"""Waiting for a condition, not for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar, cast

T = TypeVar("T")

POLL_SECONDS = 0.02


async def eventually(
    predicate: Callable[[], T | Awaitable[T]],
    timeout: float = 10.0,  # noqa: ASYNC109 - an assertion, not a cancellation, ends it
    describe: str | Callable[[], str] = "the condition",
) -> T:
    """Return the first truthy value of `predicate`, asked again and again.

    `describe` names what is waited for, or is a function that says what there is
    instead; it appears in the failure after `timeout` seconds. An exception of
    `predicate` is not swallowed.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        value = cast(T, await answer if isawaitable(answer) else answer)
        if value:
            return value
        _check(deadline, timeout, describe, value)
        await asyncio.sleep(POLL_SECONDS)


def eventually_sync(
    predicate: Callable[[], T],
    timeout: float = 10.0,
    describe: str | Callable[[], str] = "the condition",
) -> T:
    """Do the same in a test without an event loop."""
    deadline = time.monotonic() + timeout
    while True:
        if value := predicate():
            return value
        _check(deadline, timeout, describe, value)
        time.sleep(POLL_SECONDS)


def _check(
    deadline: float, timeout: float, describe: str | Callable[[], str], value: object
) -> None:
    if time.monotonic() >= deadline:
        what = describe if isinstance(describe, str) else describe()
        raise AssertionError(f"{what}: not within {timeout:g} s; last seen: {value!r}")

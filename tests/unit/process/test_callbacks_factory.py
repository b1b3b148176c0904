"""What the callbacks use is closed with them."""

import asyncio
import socket
import threading
from contextlib import AsyncExitStack
from typing import Any

import pytest

from crontask_operator.callbacks_factory import build_guard
from crontask_operator.process.settings import Settings


async def test_a_look_up_that_hangs_ends_with_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, begun, over = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        loop.call_soon_threadsafe(begun.set)
        over.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    async with AsyncExitStack() as stack:
        guard = build_guard(Settings(), stack)
        asked = asyncio.create_task(guard.addresses("silent.example", 80))
        await begun.wait()
    try:
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(10):
                await asked
    finally:
        over.set()

"""Bodies of all requests in progress: how much of them is in memory at a time."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from crontask_api.errors import RequestError
from crontask_api.settings import AuthMode, Settings
from crontask_api.web.limit import Limit
from crontask_api.web.ticket import RequestBounds, bounds_of

ROOM = 100
MIB = 1024 * 1024


async def test_bodies_of_all_requests_together_are_bounded() -> None:
    read, go_on = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        read.set()
        await go_on.wait()

    async def request(size: int, client: str) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"x" * size, "more_body": False}

        async def send(message: Message) -> None:
            """Send nothing."""

        scope = {"type": "http", "path": "/crontab/add_task", "client": (client, 1)}
        await limit(scope, receive, send)

    limit = Limit(app, bounds=RequestBounds(9, 9, ROOM, ROOM, 9, 9))
    first = asyncio.create_task(request(60, "one"))
    await read.wait()
    with pytest.raises(RequestError, match="busy with the bodies of other requests") as error:
        async with asyncio.timeout(10):
            await request(60, "other")
    assert (error.value.status, error.value.headers) == (503, {"Retry-After": "1"})

    # What ends gives its room back, one that was refused as well.
    go_on.set()
    await first
    await request(ROOM, "other")


def test_by_default_they_have_sixteen_of_the_largest() -> None:
    settings = Settings(auth=AuthMode.NONE)
    assert bounds_of(settings).body_bytes == 16 * settings.max_body_bytes == 64 * MIB

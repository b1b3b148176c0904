"""EventStream sends server-sent events for as long as there are any, or until nobody listens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from fastapi import Response
from starlette.types import Receive, Scope, Send

from crontask_api.web.endless import ENDLESS

STILL_HERE: Final = ": still here\n\n"
"""A comment, which keeps proxies from taking the connection for dead."""


def message(data: str, event: str = "") -> str:
    """Return one message; an `event` without a name is put into the page by htmx."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\n{lines}\n" if event else f"{lines}\n"


class EventStream(Response):
    """An answer that goes on. When the facade stops, it ends at once."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str]) -> None:
        super().__init__()
        del self.headers["content-length"]
        # A proxy that collects an answer before it passes it on would hold all events back.
        self.headers["X-Accel-Buffering"] = "no"
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        scope[ENDLESS] = True
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sending, leaving):
                each.cancel()
            ended, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _send(self, send: Send) -> None:
        async for event in self._events:
            await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

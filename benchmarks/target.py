"""The target of all calls: the echo server, in a process of its own."""

import time
from types import TracebackType
from typing import Self

import aiohttp
import msgspec

from benchmarks.api import timed
from benchmarks.manifests import BODY
from benchmarks.usage import Usage, usage_of
from dev.echo import Received
from dev.programs import Program
from tests.support.evidence import Call

BARE_CONNECTIONS = 128
"""Calls that the bare loop has in flight: as many as the operator's slots."""


HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "crontask-operator/bench",
    "X-CronTask-Execution-Id": "0123456789abcdef0123456789abcdef",
    "Idempotency-Key": "0123456789abcdef0123456789abcdef",
    "X-CronTask-Name": "task-00001",
    "X-CronTask-Namespace": "bare",
    "X-CronTask-Scheduled-Time": "2026-03-01T12:00:00Z",
    "X-CronTask-Attempt": "1",
    "X-CronTask-Run-Type": "Scheduled",
}
"""What a bare call carries: as much as the operator's."""


class _Seen(msgspec.Struct):
    headers: dict[str, str]
    arrived: float


_decode_seen = msgspec.json.Decoder(list[_Seen]).decode


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=BARE_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=120),
    )


class Target:
    """The echo target's client; an async context manager."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = _session()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session."""
        await self._session.close()

    @property
    def url(self) -> str:
        """Where calls are answered at once."""
        return f"{self._program.url}/ok"

    def slow_url(self, seconds: float) -> str:
        """Return where a call is answered after `seconds`."""
        return f"{self._program.url}/slow?seconds={seconds:g}"

    @property
    def usage(self) -> Usage:
        """What the target's process uses."""
        return usage_of(self._program.child.pid)

    async def take_calls(self) -> list[Call]:
        """Return the operator's calls that arrived since the last time, and forget them."""
        return [Call.of(request) for request in await self._take()]

    async def post_bare(self, count: int) -> list[float]:
        """Send `count` POSTs in a bare loop; return seconds from its begin to each arrival.

        It opens its connections, as the operator does when a burst follows a rest.
        """
        await self._take()
        async with _session() as session:

            async def post(_: int) -> None:
                async with session.post(self.url, data=BODY, headers=HEADERS) as answer:
                    await answer.read()

            began = time.time()
            await timed(range(count), post, BARE_CONNECTIONS)
        return sorted(request.arrived - began for request in await self._take())

    async def _take(self) -> list[Received]:
        history = f"{self._program.url}/_received"
        async with self._session.get(history) as answer:
            seen = _decode_seen(await answer.read())
        async with self._session.delete(history) as answer:
            await answer.read()
        return [Received(headers=item.headers, arrived=item.arrived) for item in seen]

"""What one HTTP call costs, by the client that makes it.

The same POST to the same target on this machine, by several clients in turn, so that
the ratios hold even where the machine is busy. What is ours is measured twice: the
transport alone, and the whole callback with its checks, headers and judgement.

Run ``python -m benchmarks.transport``; ``--json`` prints the figures for a program. The
clients to compare with are in the dependency group ``bench``.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection as Pipe
from typing import NamedTuple, cast

import aiohttp
import httpx
import pyreqwest.client
import pyreqwest.compatibility.httpx
import uvloop

from crontask_core.enums import RunType
from crontask_core.networks import LINK_LOCAL, METADATA
from crontask_core.spec import Callback, CronTaskSpec, HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver, SystemLookup
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.http.client import HttpCallbackClient
from crontask_operator.callbacks.http.transport import WireTransport
from crontask_operator.callbacks.secrets.secret_reader import CachedSecretReader

CALLS = 3000
CALLS_OF = {"httpx.AsyncClient": 300}
"""Calls of a round where it is not `CALLS`: in a burst, AsyncClient takes ten times as
long as the others together."""

IN_FLIGHT = 64
ROUNDS = 4

BODY = b'{"report": "daily"}'
HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "crontask-operator/bench",
    "X-CronTask-Execution-Id": "0123456789abcdef0123456789abcdef",
    "Idempotency-Key": "0123456789abcdef0123456789abcdef",
    "X-CronTask-Name": "nightly",
    "X-CronTask-Namespace": "shop",
    "X-CronTask-Scheduled-Time": "2026-03-01T12:00:00Z",
    "X-CronTask-Attempt": "1",
    "X-CronTask-Run-Type": "Scheduled",
}
ANSWER = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'
)

Call = Callable[[], Awaitable[object]]


class Figure(NamedTuple):
    """The best round of a client."""

    calls_per_second: float
    cpu_milliseconds: float
    """CPU of the calling process for one call."""


class _Target(asyncio.Protocol):
    """Answers each request that arrives in one piece, as these do."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while self._waiting.endswith(BODY):
            self._waiting = b""
            self._transport.write(ANSWER)


def _serve(pipe: Pipe) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Target, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


@asynccontextmanager
async def _clients(url: str) -> AsyncIterator[dict[str, Call]]:
    """Give the clients by name, each as a function that makes one call."""
    async with AsyncExitStack() as stack:
        engine = pyreqwest.client.ClientBuilder().follow_redirects(False).no_proxy().build()
        await stack.enter_async_context(engine)
        theirs = pyreqwest.compatibility.httpx.HttpxTransport(engine, close_client=False)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
            )
        )
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=IN_FLIGHT)
        client = await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=30))
        lookup = SystemLookup()
        stack.callback(lookup.close)
        guard = AddressGuard(LINK_LOCAL + METADATA, Resolver(lookup))
        wire = await stack.enter_async_context(WireTransport(guard))
        callback = HttpCallbackClient(
            guard,
            CachedSecretReader(_no_secret),
            user_agent="crontask-operator/bench",
            now=lambda: datetime.now(UTC),
        )
        stack.push_async_callback(callback.close)
        attempt = _attempt(url)
        headers = list(HEADERS.items())

        async def bare_pyreqwest() -> None:
            request = engine.post(url).headers(headers).body_bytes(BODY)
            async with request.build_streamed() as answer:
                while await answer.body_reader.read(65536) is not None:
                    pass

        async def through(transport: httpx.AsyncBaseTransport) -> None:
            body = httpx.ByteStream(BODY)
            request = httpx.Request("POST", url, headers=headers, stream=body)
            request.read()
            answer = await transport.handle_async_request(request)
            stream = cast(httpx.AsyncByteStream, answer.stream)
            async for _ in stream:
                pass
            await stream.aclose()

        async def bare_aiohttp() -> None:
            async with session.post(url, data=BODY, headers=HEADERS) as answer:
                await answer.read()

        yield {
            "httpx.AsyncClient": lambda: client.post(url, content=BODY, headers=HEADERS),
            "pyreqwest's httpx transport": lambda: through(theirs),
            "aiohttp, bare": bare_aiohttp,
            "pyreqwest, bare": bare_pyreqwest,
            "our transport": lambda: through(wire),
            "our callback, all included": lambda: callback.call(attempt),
        }


async def _no_secret(namespace: str, name: str) -> None:
    return None


def _attempt(url: str) -> Attempt:
    callback = Callback(http=HttpCallback(url=url, body=BODY.decode()))
    return Attempt(
        namespace="shop",
        name="nightly",
        uid="6f1c0f6e",
        spec=CronTaskSpec(callback=callback),
        execution_id=HEADERS["Idempotency-Key"],
        run_type=RunType.SCHEDULED,
        attempt=1,
        scheduled_time=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


async def _round(call: Call, calls: int) -> Figure:
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await call()

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Figure(calls / wall, cpu / calls * 1000)


async def measure(url: str) -> dict[str, Figure]:
    """Return the best round of each client; rounds go round, against a noisy machine."""
    best: dict[str, Figure] = {}
    async with _clients(url) as clients:
        for _ in range(ROUNDS):
            for name, call in clients.items():
                figure = await _round(call, CALLS_OF.get(name, CALLS))
                so_far = best.get(name, figure)
                best[name] = Figure(
                    max(figure.calls_per_second, so_far.calls_per_second),
                    min(figure.cpu_milliseconds, so_far.cpu_milliseconds),
                )
    return best


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args(arguments).json
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    target = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    target.start()
    try:
        figures = uvloop.run(measure(f"http://127.0.0.1:{ours.recv()}/hook"))
    finally:
        target.terminate()
        target.join()
    if as_json:
        by_name = {name: figure._asdict() for name, figure in figures.items()}
        sys.stdout.write(json.dumps(by_name) + "\n")
        return
    sys.stdout.write(f"{CALLS:,} POSTs, {IN_FLIGHT} in flight, best of {ROUNDS} rounds\n")
    for name, (rate, cpu) in figures.items():
        sys.stdout.write(f"{name:28} {rate:8,.0f} calls/s {cpu:7.3f} ms CPU a call\n")


if __name__ == "__main__":
    main(sys.argv[1:])

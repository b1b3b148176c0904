"""Connections to the API server that end when their owner does."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from ssl import SSLContext

import aiohttp
from aiohttp.client import ClientRequest, ClientTimeout
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from kubernetes.aio.client import ApiClient, Configuration


class ClosingConnector(aiohttp.TCPConnector):
    """A connector of which no connection is left once it is closed.

    A connection that is given up before its answer has come to an end, as a watch
    always is and a request that is cancelled, takes leave of its peer by TLS in the
    background, for up to 30 s. aiohttp keeps no track of it: whether the socket is
    closed before the event loop is depends on how fast the peer answers.
    """

    def __init__(self, *, limit: int, ssl: SSLContext) -> None:
        super().__init__(limit=limit, ssl=ssl)
        self._tracked: dict[asyncio.Transport, asyncio.Future[None]] = {}

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> Connection:
        """Return a connection of the pool or a new one, and keep track of it."""
        connection = await super().connect(req, traces, timeout)
        protocol, transport = connection.protocol, connection.transport
        if protocol is not None and transport is not None:
            closed = protocol.closed
            if closed is not None and transport not in self._tracked:
                self._tracked[transport] = closed
                closed.add_done_callback(partial(self._forget, transport))
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close every connection, those included that are taking their leave."""
        await super().close(abort_ssl=abort_ssl)
        left = dict(self._tracked)
        for transport in left:
            transport.abort()
        if left:
            await asyncio.wait(left.values())

    def _forget(self, transport: asyncio.Transport, closed: asyncio.Future[None]) -> None:
        self._tracked.pop(transport, None)
        if not closed.cancelled():
            # How the connection ended is its request's matter. Left unlooked at, it
            # would be logged as an error that nobody handled.
            closed.exception()


@asynccontextmanager
async def open_client(configuration: Configuration) -> AsyncIterator[ApiClient]:
    """Yield a generated client whose connections end with the block."""
    own = copy.copy(configuration)
    async with (
        ApiClient(own) as client,
        ClosingConnector(
            limit=own.connection_pool_maxsize, ssl=client.rest_client.ssl_context
        ) as connector,
    ):
        own.client_session_kwargs = {"connector": connector}
        yield client

"""MetricsServer serves ``/metrics`` and ``/readyz`` on a port of its own, from the event loop.

A thread, as prometheus_client starts one, would read the engine's state while the loop
changes it.
"""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


class MetricsServer:
    """Serves `registry` on `port` of all interfaces; an async context manager.

    ``/readyz`` answers 200, or 503 with what `lacks` returns, one sentence a line.
    """

    def __init__(
        self, registry: CollectorRegistry, port: int, lacks: Callable[[], Iterable[str]]
    ) -> None:
        self._registry = registry
        self._lacks = lacks
        self._port = port
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/readyz", self._readyz)
        self._runner = web.AppRunner(application, access_log=None)

    async def __aenter__(self) -> Self:
        """Start to listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, port=self._port).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop to listen."""
        await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _readyz(self, request: web.Request) -> web.Response:
        lacks = "\n".join(self._lacks())
        return web.Response(text=lacks or "ok", status=503 if lacks else 200)

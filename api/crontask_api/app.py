"""The ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from crontask_api.kube.client import CronTaskClient
from crontask_api.kube.connection import load_connection
from crontask_api.kube.session import KubeSession
from crontask_api.routes import documented, probes
from crontask_api.settings import Settings
from crontask_api.web.errors import add_error_handlers


def create_app(settings: Settings) -> FastAPI:
    """Return the facade; it connects to the API server when it starts up."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        session = KubeSession(
            await load_connection(),
            connections=settings.kubernetes_connections,
            timeout_seconds=settings.kubernetes_timeout_seconds,
        )
        async with session:
            app.state.client = CronTaskClient(session)
            yield

    app = FastAPI(title="CronTask", lifespan=lifespan)
    app.state.settings = settings
    app.include_router(documented.router)
    app.include_router(probes.router)
    add_error_handlers(app)
    return app

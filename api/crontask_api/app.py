"""create_app puts the parts of the facade together for uvicorn, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from crontask_api.auth.choose import choose_authenticator
from crontask_api.kube.client import CronTaskClient
from crontask_api.kube.session import RetryingSession
from crontask_api.metrics import Metrics
from crontask_api.reference.openapi import describe
from crontask_api.routes import all_routes
from crontask_api.routes.dependencies import Services
from crontask_api.settings import Settings
from crontask_api.web.access import Access
from crontask_api.web.errors import add_error_handlers
from crontask_api.web.hosts import Hosts, serves_any_host
from crontask_api.web.limit import Limit
from crontask_api.web.sending import Sending
from crontask_api.web.ticket import bounds_of
from crontask_kube.configuration import load_configuration


def create_app(settings: Settings, metrics: Metrics) -> FastAPI:
    """Return the facade; it connects to the API server when it starts up."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        session = RetryingSession(
            await load_configuration(),
            connections=settings.kubernetes_connections,
            timeout_seconds=settings.kubernetes_timeout_seconds,
            observe=metrics.kubernetes_seconds,
        )
        async with session:
            authenticator = choose_authenticator(settings, session)
            app.state.services = Services(settings, metrics, CronTaskClient(session), authenticator)
            yield

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=all_routes(),
    )
    describe(app, settings)
    add_error_handlers(app)
    app.add_middleware(Limit, bounds=bounds_of(settings))
    app.add_middleware(Hosts, allowed=settings.allowed_hosts, any_host=serves_any_host(settings))
    app.add_middleware(Sending)
    app.add_middleware(Access, metrics=metrics)
    return app

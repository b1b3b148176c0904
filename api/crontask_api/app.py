"""create_app puts the parts of the facade together for uvicorn, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

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
from crontask_api.web.paths import Paths
from crontask_api.web.sending import Sending
from crontask_api.web.ticket import bounds_of
from crontask_history.opening import open_history
from crontask_history.store import HistoryStore
from crontask_kube.configuration import load_configuration


def create_app(settings: Settings, metrics: Metrics) -> FastAPI:
    """Return the facade; it connects to the API server when it starts up.

    Raises
    ------
    ValueError
        If a file that `settings` name cannot be used.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configuration = await load_configuration()
        open_session = partial(
            RetryingSession,
            configuration,
            timeout_seconds=settings.kubernetes_timeout_seconds,
            observe=metrics.kubernetes_seconds,
        )
        async with AsyncExitStack() as running:
            session = open_session(connections=settings.kubernetes_connections)
            await running.enter_async_context(session)
            authenticator = choose_authenticator(settings, session)
            client = CronTaskClient(session)
            history = _open_history(settings, running)
            app.state.services = Services(settings, metrics, client, authenticator, history)
            if settings.console:
                from crontask_api.console import mount

                app.state.console = mount.make_console(app, app.state.services, session)
                watching = await running.enter_async_context(open_session(connections=0))
                await running.enter_async_context(mount.follow(app.state.console, watching))
            yield

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=all_routes(),
    )
    if settings.console:
        # Its libraries are loaded only where it is wanted.
        from crontask_api.console.mount import add_console

        add_console(app, settings)
    describe(app, settings)
    add_error_handlers(app)
    app.add_middleware(Limit, bounds=bounds_of(settings))
    app.add_middleware(Hosts, allowed=settings.allowed_hosts, any_host=serves_any_host(settings))
    app.add_middleware(Sending)
    app.add_middleware(Access, metrics=metrics)
    app.add_middleware(Paths)
    return app


def _open_history(settings: Settings, stack: AsyncExitStack) -> HistoryStore | None:
    if settings.history_url is None:
        return None
    history = open_history(
        settings.history_url, connections=settings.history_connections, reads_only=True
    )
    stack.push_async_callback(history.close)
    return history

"""kopf_login opens the session with the API server over which kopf lists and watches.

kopf's own has neither probes for dead connections nor a way to tell when it was last
heard of. The configuration is that of all other requests of the operator.
"""

import asyncio
from http import HTTPStatus
from itertools import count
from typing import Final

import aiohttp
import kopf

from crontask_core.constants import GROUP, PLURAL
from crontask_kube.configuration import load_configuration
from crontask_kube.session import Credentials, open_session
from crontask_operator.process.watch_view import WatchView

AGAIN_SECONDS: Final = 1.0
"""Before another login, which kopf asks for when the API server takes no token. A token
that is good again is used as soon; it is read anew each time."""


class KopfLogin:
    """Gives kopf sessions whose requests are reported to `view`."""

    def __init__(self, view: WatchView) -> None:
        self._view = view
        self._numbers = count()

    async def __call__(self) -> kopf.AiohttpSession:
        """Return a new session; kopf closes it.

        Raises
        ------
        ConfigException
            If there is no configuration.
        """
        if next(self._numbers):
            await asyncio.sleep(AGAIN_SECONDS)
        configuration = await load_configuration()
        session = open_session(
            configuration,
            connections=0,
            middlewares=(Credentials(configuration), _refuse_absence),
            trace_configs=[self._view.trace()],
        )
        return kopf.AiohttpSession(server=configuration.host, aiohttp_session=session)


async def _refuse_absence(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Take an API server without the definition of CronTasks for one that is away.

    kopf would end the operator, though all that it needs comes back with a chart that
    is being installed anew.
    """
    response = await handler(request)
    if response.status == HTTPStatus.NOT_FOUND and request.url.path.endswith(f"/{PLURAL}"):
        response.close()
        raise aiohttp.ClientConnectionError(f"the CRD {PLURAL}.{GROUP} is not installed")
    return response

"""answer asks an application that has no cluster, for tests of what needs none."""

from typing import Any, Final

import httpx

from crontask_api.app import create_app
from crontask_api.auth.authenticator import OpenAuthenticator
from crontask_api.metrics import Metrics
from crontask_api.routes.dependencies import Services
from crontask_api.settings import Settings
from tests.support.loop_pauses import measured_pauses

LONGEST_PAUSE: Final = 0.25
"""Seconds of CPU time, as for all hostile input."""

SETTINGS: Final = Settings()


async def answer(endpoint: str, body: bytes) -> tuple[dict[str, Any], float]:
    """Return what is answered to `body`, and the longest pause meanwhile."""
    metrics = Metrics()
    app = create_app(SETTINGS, metrics)
    client: Any = None
    app.state.services = Services(SETTINGS, metrics, client, OpenAuthenticator())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
        measured_pauses() as pauses,
    ):
        response = await http.post(f"/crontab/{endpoint}", content=body)
    envelope: dict[str, Any] = response.json()
    return envelope, pauses.longest

"""What the operator says of an API server that answers with somebody's secrets."""

import json
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from kubernetes.aio.client import Configuration

from crontask_kube.errors import ApiError
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from tests.unit.logs.conftest import Logged
from tests.unit.logs.planted import ALL, PAGE, SECRET, TOKEN

STATUSES = (200, 403, 404, 409, 422, 500, 502)
BODIES = {
    "page": PAGE,
    "status": json.dumps({"kind": "Status", "message": f"sent with Authorization: {TOKEN}"}),
    "list": json.dumps([TOKEN]),
    **{f"text {name}": text for name, text in ALL.items()},
}


@pytest.fixture(params=list(BODIES.values()), ids=list(BODIES))
async def configuration(request: pytest.FixtureRequest) -> AsyncIterator[Configuration]:
    """A server that answers every request with a page, under the status in the name."""

    async def answer(asked: web.Request) -> web.Response:
        status = int(asked.match_info["name"].removeprefix("s"))
        return web.Response(status=status, reason=SECRET, text=request.param)

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}/{name}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Configuration(host=site.name, api_key={"authorization": TOKEN})
    await runner.cleanup()


async def test_the_api_s_errors(configuration: Configuration, logged: Logged) -> None:
    told = []
    async with KubeApi(configuration) as api:
        for status in STATUSES[1:]:
            with pytest.raises(ApiError) as raised:
                await api.request("GET", f"/api/s{status}", operation="secret")
            logging.getLogger("x").error("refused: %s", raised.value, exc_info=raised.value)
            told.append(str(raised.value))

    assert SECRET not in "".join([logged(), *told])


async def test_the_leases_errors(configuration: Configuration, logged: Logged) -> None:
    told = []
    async with KubeApi(configuration) as client:
        store = KubernetesLeaseStore(client, "default", silence_seconds=5)
        for status in STATUSES:
            with pytest.raises(ApiError) as raised:
                await store.read(f"s{status}")
            logging.getLogger("x").error("refused: %s", raised.value, exc_info=raised.value)
            told.append(str(raised.value))

    assert SECRET not in "".join([logged(), *told])

"""What a proxy in front may have read in another way than the facade is refused."""

import httpx
import pytest

from crontask_api.app import create_app
from crontask_api.auth.authenticator import OpenAuthenticator
from crontask_api.metrics import Metrics
from crontask_api.routes.dependencies import Services
from crontask_api.settings import Settings

PREVIEW = {"start_time": "@hourly", "count": 1}


async def post(path: str, headers: list[tuple[str, str]]) -> httpx.Response:
    settings, metrics = Settings(), Metrics()
    app = create_app(settings, metrics)
    client: object = None
    app.state.services = Services(settings, metrics, client, OpenAuthenticator())  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return await http.post(path, json=PREVIEW, headers=headers)


async def test_a_request_is_answered() -> None:
    response = await post("/crontab/preview", [("Authorization", "Bearer a")])
    assert (response.status_code, response.json()["state"]) == (200, 0)


@pytest.mark.parametrize("name", ["Authorization", "X-CronTask-Namespace", "Idempotency-Key"])
@pytest.mark.parametrize("second", ["default", "other"])
async def test_a_header_that_came_twice_is_refused(name: str, second: str) -> None:
    response = await post("/crontab/preview", [(name, "default"), (name.lower(), second)])
    assert response.json()["state"] == 1
    assert response.json()["msg"] == f"{name}: expected one header of this name, found 2"


@pytest.mark.parametrize(
    "path", ["/crontab%2Fpreview", "/crontab%2fpreview", "/%63rontab/preview", "/crontab/previe%77"]
)
async def test_a_path_with_an_escape_is_another_path(path: str) -> None:
    response = await post(path, [])
    assert response.status_code == 404
    assert path in response.json()["msg"]


async def test_what_is_left_out_for_probes_is_not_reached_by_an_escape() -> None:
    assert (await post("/%68ealthz", [])).status_code == 404

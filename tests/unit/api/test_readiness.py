"""Whether the API server answers is asked once at a time, whoever wants to know."""

import asyncio
from typing import Any

import httpx
import pytest

from crontask_api.app import create_app
from crontask_api.auth.authenticator import OpenAuthenticator
from crontask_api.kube.client import CronTaskClient
from crontask_api.metrics import Metrics
from crontask_api.routes import operations
from crontask_api.routes.dependencies import Services
from crontask_api.settings import Settings
from crontask_kube.errors import ApiError, NotFoundError, UnavailableError


class _Session:
    """Answers when it is told to, as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = asyncio.get_running_loop().create_future()

    async def request(self, method: str, path: str) -> bytes:
        self.asked += 1
        answer: bytes = await asyncio.shield(self.answer)
        return answer


def _client(session: _Session) -> CronTaskClient:
    untyped: Any = session
    return CronTaskClient(untyped)


async def test_those_who_ask_meanwhile_share_the_answer() -> None:
    session = _Session()
    client = _client(session)
    waiting = [asyncio.ensure_future(client.check_served()) for _ in range(100)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    session.answer.set_result(b"{}")
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [None] * 99
    assert session.asked == 1
    await client.check_served()
    assert session.asked == 2


async def test_an_error_is_for_all_and_not_kept() -> None:
    session = _Session()
    client = _client(session)
    session.answer.set_exception(UnavailableError("away", sent=False))
    answers = await asyncio.gather(
        client.check_served(), client.check_served(), return_exceptions=True
    )
    assert all(isinstance(each, ApiError) for each in answers)

    session.answer = asyncio.get_running_loop().create_future()
    session.answer.set_result(b"{}")
    await client.check_served()
    assert session.asked == 2


@pytest.mark.parametrize("asking", [1, 3])
async def test_everybody_may_go_away(asking: int) -> None:
    session = _Session()
    client = _client(session)
    waiting = [asyncio.ensure_future(client.check_served()) for _ in range(asking)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    session.answer.set_exception(UnavailableError("away", sent=False))
    assert all(
        isinstance(each, asyncio.CancelledError)
        for each in await asyncio.gather(*waiting, return_exceptions=True)
    )
    session.answer = asyncio.get_running_loop().create_future()
    session.answer.set_result(b"{}")
    await asyncio.sleep(0)
    await client.check_served()


async def _readyz(session: _Session) -> tuple[int, str]:
    settings, metrics = Settings(), Metrics()
    app = create_app(settings, metrics)
    app.state.services = Services(settings, metrics, _client(session), OpenAuthenticator())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        answer = await http.get("/readyz")
    return answer.status_code, answer.json()["msg"]


async def test_an_api_server_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "READY_SECONDS", 0.01)
    answer = await _readyz(_Session())
    assert answer == (503, "the API server gave no answer within 0.01 s")


async def test_a_definition_that_is_missing_is_named() -> None:
    session = _Session()
    session.answer.set_exception(NotFoundError("the API server answered HTTP 404", status=404))
    assert await _readyz(session) == (503, "the CRD crontasks.crontask.dev is not installed")

"""What bodies are decoded to takes a bounded memory, and of it a client has its share."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from crontask_api.app import create_app
from crontask_api.auth.authenticator import Evidence, Identity, OpenAuthenticator, Verb
from crontask_api.metrics import Metrics
from crontask_api.routes.dependencies import Services
from tests.unit.api.clusterless import SETTINGS

MIB: Final = 1024 * 1024
NAMES: Final = [{"name": f"n{number}"} for number in range(999)]
JUNK: Final = [{"": 0}] * 48_000


def _body(*items: Any) -> bytes:
    return json.dumps({"task_list": items}, ensure_ascii=False).encode()


class _Waiting(OpenAuthenticator):
    """Believes who a client says it is, and lets what was read wait."""

    def __init__(self) -> None:
        self.came = asyncio.Queue[str]()
        self.go_on = asyncio.Event()

    async def authenticate(self, evidence: Evidence) -> Identity:
        return Identity(str(evidence.authorization))

    async def check_allowed(self, identity: Identity, verb: Verb, namespace: str) -> None:
        self.came.put_nowait(identity.name)
        await self.go_on.wait()


class _Clients:
    """Sends requests that are read, and not yet answered."""

    def __init__(self, http: httpx.AsyncClient, authenticator: _Waiting) -> None:
        self._http = http
        self._authenticator = authenticator
        self._sent: list[asyncio.Task[httpx.Response]] = []

    async def send(self, client: str, body: bytes) -> None:
        """Return once the request waits, or is refused."""
        ask = self._http.post(
            "/crontab/preview" if body == b"{}" else "/crontab/query_task_status",
            content=body,
            headers={"Authorization": client},
        )
        came = asyncio.ensure_future(self._authenticator.came.get())
        self._sent.append(asyncio.ensure_future(ask))
        await asyncio.wait({came, self._sent[-1]}, return_when=asyncio.FIRST_COMPLETED)
        came.cancel()

    @property
    def statuses(self) -> list[int]:
        """Of each request the status, 0 if it waits."""
        return [each.result().status_code if each.done() else 0 for each in self._sent]

    def drop(self) -> None:
        """Take no more answers."""
        for each in self._sent:
            each.cancel()


@asynccontextmanager
async def _clients() -> AsyncIterator[_Clients]:
    metrics, authenticator = Metrics(), _Waiting()
    app = create_app(SETTINGS, metrics)
    nothing: Any = None
    app.state.services = Services(SETTINGS, metrics, nothing, authenticator)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        clients = _Clients(http, authenticator)
        try:
            yield clients
        finally:
            clients.drop()


@pytest.mark.parametrize(
    "body",
    [
        _body(*NAMES, {"name": "n", "unknown": JUNK}),
        _body(*NAMES, {"name": JUNK}),
        _body(*NAMES, {"name": "n", "unknown": "x" * 4_000_000 + "\U0001f600"}),
        _body(*NAMES, {"name": "x" * 4_000_000 + "\U0001f600"}),
        _body(*[{"name": "\U0001f600" + "x" * 4_000, "unknown": number} for number in range(999)]),
        _body(*[{f"unknown-{field}": 0 for field in range(10)} for _ in range(999)]),
    ],
    ids=["unknown objects", "objects", "an unknown text", "a wide text", "wide texts", "warnings"],
)
async def test_what_bodies_are_decoded_to_takes_a_bounded_memory(body: bytes) -> None:
    async with _clients() as clients:
        await clients.send("warm", b"{}")
        tracemalloc.start()
        try:
            for number in range(24):
                await clients.send(f"client {number % 9}", body)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert 0 in clients.statuses
        assert held < 100 * MIB


async def test_a_client_has_its_share_of_the_bodies_and_no_more() -> None:
    large = _body({"name": "x" * 4_000_000})
    async with _clients() as clients:
        for client in ["greedy"] * 6 + ["modest"]:
            await clients.send(client, large)

        assert clients.statuses == [0, 0, 0, 0, 429, 429, 0]


async def test_a_client_alone_has_room_for_the_largest_body() -> None:
    wide = _body(*[{"name": "\U0001f600" + "x" * 4_100} for _ in range(1000)])
    async with _clients() as clients:
        await clients.send("alone", wide)
        await clients.send("alone", b"{}")

        assert clients.statuses == [0, 429]

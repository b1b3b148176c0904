"""A token that the API server refuses is read again, once, by whoever asks for something."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.config import kube_config
from prometheus_client import Histogram

from crontask_api.kube.session import RetryingSession
from crontask_kube.configuration import Configuration, load_configuration
from crontask_kube.errors import UnauthorizedError
from crontask_kube.session import KubeSession
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.kopf_login import KopfLogin
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from crontask_operator.process.watch_view import WatchView

SECONDS = Histogram("test_credentials_seconds", "None.", ("method", "outcome"), registry=None)
LEASE = "crontask-operator-0"
METADATA = {"name": LEASE, "resourceVersion": "1"}


class Server:
    """An API server that accepts one token, and notes which ones it was sent."""

    def __init__(self, kubeconfig: Path) -> None:
        self.accepted = "new"
        self.tokens: list[str] = []
        self.url = ""
        self._kubeconfig = kubeconfig

    async def answer(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.tokens.append(token)
        if token != self.accepted:
            return web.json_response({"message": "Unauthorized"}, status=401)
        if "watch" in request.query:
            return web.json_response({"type": "ADDED", "object": {"metadata": METADATA}})
        return web.json_response({"metadata": METADATA, "body": await request.text()})

    async def configuration(self, token: str, url: str | None = None) -> Configuration:
        """Write a kubeconfig and return what it says."""
        config = {
            "clusters": [{"name": "c", "cluster": {"server": url or self.url}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        self._kubeconfig.write_text(yaml.safe_dump(config))
        return await load_configuration()


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    kubeconfig = tmp_path / "kubeconfig"
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(kubeconfig))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    noting = Server(kubeconfig)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", noting.answer)
    async with TestServer(app, host="127.0.0.1") as running:
        noting.url = str(running.make_url("")).rstrip("/")
        yield noting


async def operators(configuration: Configuration) -> None:
    async with KubeApi(configuration) as api:
        answer = await api.request("PATCH", "/a", operation="status", body=b"{}")
    assert b'"body": "{}"' in answer


async def facades(configuration: Configuration) -> None:
    async with RetryingSession(
        configuration, connections=1, timeout_seconds=10, observe=SECONDS
    ) as session:
        answer = await session.request("POST", "/a", body=b"{}", repeatable=False)
    assert b'"body": "{}"' in answer


async def leases(configuration: Configuration) -> None:
    async with KubeApi(configuration) as api:
        store = KubernetesLeaseStore(api, "here", silence_seconds=10)
        assert (await store.read(LEASE)).name == LEASE


async def lease_watches(configuration: Configuration) -> None:
    async with KubeApi(configuration) as api:
        store = KubernetesLeaseStore(api, "here", silence_seconds=10)
        async with aclosing(store.watch("1")) as changes:
            await anext(changes)


REQUESTS: list[Callable[[Configuration], Awaitable[None]]] = [
    operators, facades, leases, lease_watches,
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.__name__)
async def test_a_refused_token_is_read_again(
    server: Server, request_: Callable[[Configuration], Awaitable[None]]
) -> None:
    old = await server.configuration("old")
    await server.configuration("new")
    await request_(old)
    assert server.tokens == ["old", "new"]


async def test_the_watch_for_tasks_reads_a_refused_token_again(
    server: Server,
) -> None:
    await server.configuration("old")
    login = await KopfLogin(WatchView(lambda: None))()
    await server.configuration("new")
    session: aiohttp.ClientSession = login.aiohttp_session
    async with session, session.get(f"{login.server}/a") as response:
        assert response.status == 200
    assert server.tokens == ["old", "new"]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.__name__)
async def test_a_token_that_stays_refused_is_read_once_and_sent_once(
    server: Server, request_: Callable[[Configuration], Awaitable[None]]
) -> None:
    with pytest.raises(UnauthorizedError):
        await request_(await server.configuration("old"))
    assert server.tokens == ["old"]


async def test_requests_that_are_refused_together_read_the_token_once(server: Server) -> None:
    old = await server.configuration("old")
    read = 0

    async def reload() -> Configuration:
        nonlocal read
        read += 1
        return await server.configuration("new")

    session = KubeSession(
        old, connections=9, timeout=aiohttp.ClientTimeout(total=10), user_agent="t", reload=reload
    )
    async with session, asyncio.TaskGroup() as group:
        for _ in range(9):
            group.create_task(session.request("GET", "/a"))
    assert read == 1
    assert server.tokens.count("new") == 9


async def test_the_token_of_another_server_is_not_sent(server: Server) -> None:
    old = await server.configuration("old")
    await server.configuration("new", url="https://another.example")
    with pytest.raises(UnauthorizedError):
        await operators(old)
    assert server.tokens == ["old"]


async def test_a_configuration_that_cannot_be_read_leaves_the_refusal(
    server: Server, tmp_path: Path
) -> None:
    old = await server.configuration("old")
    (tmp_path / "kubeconfig").write_text("]")
    with pytest.raises(UnauthorizedError):
        await operators(old)
    assert server.tokens == ["old"]

"""Where the API server is, and by which way it is reached, is one thing for every session."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from kubernetes.aio.config import incluster_config, kube_config
from prometheus_client import Histogram

from crontask_api.kube.session import RetryingSession
from crontask_kube import configuration
from crontask_kube.configuration import ConfigException, Configuration, load_configuration
from crontask_operator.kube import kopf_login
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.kopf_login import KopfLogin
from crontask_operator.process.watch_view import WatchView
from tests.support.targets import certificates

SECONDS = Histogram("test_configuration_seconds", "None.", ("method", "outcome"), registry=None)
NAME = "api.example"


async def operators(configuration: Configuration, _: pytest.MonkeyPatch) -> None:
    async with KubeApi(configuration) as api:
        await api.request("GET", "/a", operation="status")


async def facades(configuration: Configuration, _: pytest.MonkeyPatch) -> None:
    async with RetryingSession(
        configuration, connections=1, timeout_seconds=10, observe=SECONDS
    ) as session:
        await session.request("GET", "/a")


async def kopfs(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    async def load() -> Configuration:
        return configuration

    monkeypatch.setattr(kopf_login, "load_configuration", load)
    login = await KopfLogin(WatchView(lambda: None))()
    async with login.aiohttp_session as session, session.get(f"{login.server}/a") as response:
        assert response.status == 200


Request = Callable[[Configuration, pytest.MonkeyPatch], Awaitable[None]]
every_session = pytest.mark.parametrize(
    "request_", [operators, facades, kopfs], ids=lambda request: request.__name__
)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """Yield the URL of a server, and the targets and hosts that it is asked for."""
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        asked.append(f"{request.path} of {request.host}")
        return web.json_response({})

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    scheme = "https" if tls else "http"
    yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


@every_session
async def test_the_proxy_is_asked(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as (proxy, asked):
        await request_(Configuration(host=f"http://{NAME}", proxy=proxy), monkeypatch)
    assert asked == [f"/a of {NAME}"]


@every_session
async def test_the_certificate_may_be_of_another_name(
    request_: Request, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = certificates()
    (tmp_path / "ca.pem").write_text(made.ca_pem)
    async with serving(made.server(NAME)) as (url, asked):
        configuration = Configuration(
            host=url, ssl_ca_cert=str(tmp_path / "ca.pem"), tls_server_name=NAME
        )
        await request_(configuration, monkeypatch)
    assert len(asked) == 1


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kubeconfig"
    cluster = {
        "server": "https://kubeconfig.example",
        "proxy-url": "http://proxy.example:3128",
        "tls-server-name": NAME,
    }
    config = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(yaml.safe_dump(config))
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


@pytest.mark.usefixtures("kubeconfig")
async def test_outside_of_a_pod_the_kubeconfig_says_where_and_how() -> None:
    read = await load_configuration()
    assert (read.host, read.proxy, read.tls_server_name) == (
        "https://kubeconfig.example", "http://proxy.example:3128", NAME,
    )  # fmt: skip


@pytest.mark.usefixtures("kubeconfig")
async def test_in_a_pod_its_service_account_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, content in (("TOKEN", "t"), ("CERT", "c")):
        (tmp_path / setting).write_text(content)
        monkeypatch.setattr(
            incluster_config, f"SERVICE_{setting}_FILENAME", str(tmp_path / setting)
        )
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert (await load_configuration()).host == "https://10.96.0.1:443"


async def test_with_neither_there_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigException):
        await load_configuration()


async def test_a_kubeconfig_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(**_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr(configuration, "load_kube_config", hang)
    monkeypatch.setattr(configuration, "READ_SECONDS", 0.01)
    with pytest.raises(ConfigException, match=r"took longer than 0\.01 s"):
        await load_configuration()

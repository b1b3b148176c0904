"""No callback reaches the API server, by whatever address and name it is called."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
from kubernetes.aio.client import Configuration

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.api_server import ApiServer
from crontask_operator.callbacks.addresses.resolver import Address, Resolver
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.errors import CallError
from crontask_operator.kube import api_server
from crontask_operator.kube.api_server import ENDPOINTS, ApiServerFinder
from crontask_operator.kube.client import KubeApi
from tests.support.targets import Exchange, Target, target
from tests.unit.callbacks.calls import Caller, Names, calling

IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}
SLICE = {
    "endpoints": [{"addresses": ["192.0.2.11"]}, {"addresses": ["192.0.2.12"]}],
    "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
}


class Cluster:
    """An API server that tells its endpoints, and a name server that knows its names."""

    def __init__(self) -> None:
        self.answer: tuple[int, Mapping[str, object]] = (200, SLICE)
        self.names = {
            "kubernetes.default.svc": ["10.96.0.1", "fd00:10:96::1"],
            "api.example": ["198.51.100.1"],
        }
        self.told: list[ApiServer] = []
        self.guard = AddressGuard((), Resolver(Names({"public.example": [["192.0.2.11"]]})))

    async def serve(self, exchange: Exchange) -> None:
        """Answer the one question that is expected."""
        assert exchange.request.target == ENDPOINTS
        status, body = self.answer
        await exchange.answer(status, json.dumps(body).encode())

    async def lookup(self, name: str) -> list[Address]:
        """Resolve `name`."""
        if name not in self.names:
            raise OSError(-2, "Name or service not known")
        return [ip_address(text) for text in self.names[name]]

    def tell(self, found: ApiServer) -> None:
        """Keep what was found, and deny it."""
        self.told.append(found)
        self.guard.deny_api_server(found)

    @asynccontextmanager
    async def finder(
        self, url: str = "", environ: Mapping[str, str] = IN_A_POD
    ) -> AsyncIterator[tuple[ApiServerFinder, Target]]:
        """Give a finder for an operator that uses `url`, by default the server's own."""
        async with target(self.serve) as server:
            configuration = Configuration()
            configuration.host = server.url
            async with KubeApi(configuration) as api:
                yield (
                    ApiServerFinder(
                        url or server.url, api, self.tell, environ=environ, lookup=self.lookup
                    ),
                    server,
                )

    async def denies(self, host: str, port: int) -> bool:
        """Whether a call of `host` is denied."""
        try:
            await self.guard.addresses(host, port)
        except CallError as error:
            return error.reason is Reason.ADDRESS_DENIED
        return False


async def call(caller: Caller, protocol: str, authority: str) -> CallResult:
    """Call `authority` by HTTP or gRPC."""
    if protocol == "http":
        return await caller(HttpCallback(url=f"http://{authority}/"), timeout_seconds=5)
    callback = GrpcCallback(address=authority, service="a.B", method="C")
    return await caller(callback, timeout_seconds=5)


@pytest.mark.parametrize(
    ("host", "port", "denied"),
    [
        ("10.96.0.1", 443, True),
        ("10.96.0.1", 80, True),
        ("::ffff:10.96.0.1", 443, True),
        ("64:ff9b::10.96.0.1", 443, True),
        ("fd00:10:96::1", 443, True),
        ("192.0.2.11", 6443, True),
        ("192.0.2.12", 6443, True),
        ("public.example", 6443, True),
        ("kubernetes", 443, True),
        ("kubernetes.default", 443, True),
        ("kubernetes.default.svc", 443, True),
        ("Kubernetes.Default.SVC.cluster.local", 443, True),
        ("kubernetes.default.svc.cluster.local.", 443, True),
        ("kubernetes.default.svc.company.internal", 443, True),
        # A node of a small cluster is where everything else is served, too.
        ("192.0.2.11", 443, False),
        ("192.0.2.13", 6443, False),
        ("10.96.0.2", 443, False),
    ],
)
async def test_in_a_pod_service_endpoints_and_names_are_denied(
    host: str, port: int, denied: bool
) -> None:
    cluster = Cluster()
    async with cluster.finder("https://10.96.0.1:443") as (finder, _):
        await finder.find()
        assert await cluster.denies(host, port) == denied


async def test_the_host_of_a_kubeconfig_is_denied_with_the_addresses_it_has_now() -> None:
    cluster = Cluster()
    async with cluster.finder("https://api.example:6443", environ={}) as (finder, _):
        await finder.find()
        assert await cluster.denies("api.example", 443)
        assert await cluster.denies("198.51.100.1", 443)
        await finder.find()
        assert len(cluster.told) == 1
        cluster.names["api.example"] = ["198.51.100.2"]
        await finder.find()
        assert await cluster.denies("198.51.100.2", 443)
        assert not await cluster.denies("198.51.100.1", 443)


@pytest.mark.parametrize("trouble", [(403, {"message": "forbidden"}), (200, {"ports": "none"})])
async def test_what_cannot_be_found_is_told_once_and_stays_as_it_was(
    trouble: tuple[int, Mapping[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    cluster = Cluster()
    async with cluster.finder("https://api.example") as (finder, _):
        await finder.find()
        cluster.answer = trouble
        del cluster.names["api.example"]
        await finder.find()
        await finder.find()
        assert await cluster.denies("192.0.2.11", 6443)
        assert await cluster.denies("198.51.100.1", 443)
    warnings = [record.getMessage() for record in caplog.records]
    assert [message.partition("Looking for ")[2].partition(":")[0] for message in warnings] == [
        "api.example",
        "its endpoints",
    ]


async def test_a_cluster_without_endpoints_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    cluster = Cluster()
    cluster.answer = (404, {"message": "not found"})
    async with cluster.finder() as (finder, _):
        await finder.find()
    assert caplog.records == []
    assert len(cluster.told) == 1


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "[::ffff:127.0.0.1]"])
async def test_on_loopback_it_is_denied_by_its_port(protocol: str, host: str) -> None:
    cluster = Cluster()
    async with cluster.finder(environ={}) as (finder, server), target() as other:
        await finder.find()
        async with calling(api_server=cluster.told[0]) as caller:
            asked = server.connections
            result = await call(caller, protocol, f"{host}:{server.port}")
            assert result.reason is Reason.ADDRESS_DENIED
            assert result.error.endswith(f", port {server.port}, is the API server's")
            assert server.connections == asked
            await call(caller, "http", f"127.0.0.1:{other.port}")
            assert other.connections == 1


async def test_a_redirect_does_not_lead_to_it() -> None:
    cluster = Cluster()
    async with cluster.finder(environ={}) as (finder, server):
        await finder.find()

        async def there(exchange: Exchange) -> None:
            await exchange.answer(307, headers={"Location": server.url})

        async with target(there) as outside, calling(api_server=cluster.told[0]) as caller:
            asked = server.connections
            result = await caller(HttpCallback(url=outside.url, follow_redirects=3))
            assert result.reason is Reason.ADDRESS_DENIED
            assert server.connections == asked


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize(
    "name", ["kubernetes.default.svc", "KUBERNETES", "kubernetes.default.svc.a.b.", "api.example."]
)
async def test_a_proxy_is_not_asked_for_its_names(protocol: str, name: str) -> None:
    known = ApiServer.of_cluster(["api.example"])
    async with target() as proxy, calling(proxy=proxy.url, api_server=known) as caller:
        result = await call(caller, protocol, f"{name}:443")
        assert result.reason is Reason.ADDRESS_DENIED
        assert proxy.connections == 0


async def test_where_the_setting_allows_it_no_name_is_denied() -> None:
    guard = AddressGuard((), Resolver(Names({"kubernetes.default.svc.a": [["10.96.0.1"]]})))
    assert await guard.addresses("kubernetes.default.svc.a", 443) == (ip_address("10.96.0.1"),)


async def test_a_name_server_that_hangs_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang(name: str) -> list[Address]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(api_server, "LOOK_SECONDS", 0.01)
    cluster = Cluster()
    cluster.lookup = hang  # type: ignore[method-assign]
    async with cluster.finder() as (finder, _):
        await finder.find()
    assert "kubernetes.default.svc: no answer within 0.01 s" in caplog.text

"""Where a gRPC call goes: addresses, TLS and proxies."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from ipaddress import ip_network

import pytest

from crontask_core.enums import Reason
from crontask_core.networks import LOOPBACK
from crontask_core.spec import SecretKeyRef, Tls
from tests.support.grpc_targets import grpc_target
from tests.support.targets import Certificates, Exchange, certificates, target
from tests.unit.callbacks.calls import Caller, calling
from tests.unit.callbacks.grpc.grpc_calls import close_orders, eventually_ok


class TestGuard:
    """Addresses that must not be called."""

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "evil.example"]
    )
    async def test_a_denied_server_is_not_called(self, host: str) -> None:
        names = {"evil.example": [["8.8.8.8", "127.0.0.1"]]}
        async with calling(denied=LOOPBACK, names=names) as caller, grpc_target() as server:
            result = await caller(close_orders(f"{host}:{server.port}"))
            assert result.reason is Reason.ADDRESS_DENIED
            assert server.reflections == []

    async def test_the_checked_address_is_the_one_that_is_called(self) -> None:
        names = {"shop.example": [["127.0.0.1"], ["127.0.0.9"]]}
        denied = (ip_network("127.0.0.9/32"),)
        async with calling(denied=denied, names=names) as caller, grpc_target() as server:
            assert (await caller(close_orders(f"shop.example:{server.port}"))).ok
            assert server.calls[0].peer.startswith("ipv4:127.0.0.1:")

    async def test_the_next_address_of_a_name_is_tried(self) -> None:
        names = {"shop.example": [["127.0.0.1", "127.0.0.2"]]}
        async with calling(names=names) as caller, grpc_target() as server:
            assert (await caller(close_orders(f"shop.example:{server.port}"))).ok


class TestTls:
    """Who a server is."""

    OUR_CA = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))

    async def test_a_server_is_verified_by_the_ca_of_a_secret(
        self, authority: Certificates
    ) -> None:
        names = {"shop.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
        tls = (authority, "shop.example")
        async with calling(names=names) as caller, grpc_target(tls=tls) as server:
            caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
            address = f"shop.example:{server.port}"
            result = await caller(close_orders(address, tls=self.OUR_CA))
            assert result.ok, result.error
            address = f"other.example:{server.port}"
            result = await caller(close_orders(address, tls=self.OUR_CA))
            assert result.reason is Reason.CONNECTION_ERROR
            assert "Hostname Verification Check failed" in result.error

    async def test_another_ca_does_not_do(self, caller: Caller, authority: Certificates) -> None:
        caller.secrets["shop/ca"] = {"ca.crt": certificates().ca_pem.encode()}
        async with grpc_target(tls=(authority, "localhost")) as server:
            address = f"localhost:{server.port}"
            for tls in (self.OUR_CA, Tls()):
                result = await caller(close_orders(address, tls=tls))
                assert result.reason is Reason.CONNECTION_ERROR
                assert "CERTIFICATE_VERIFY_FAILED" in result.error
            assert server.calls == []

    async def test_a_check_may_be_skipped(self, caller: Caller, authority: Certificates) -> None:
        async with grpc_target(tls=(authority, "elsewhere.example")) as server:
            tls = Tls(insecure_skip_verify=True)
            result = await caller(close_orders(f"localhost:{server.port}", tls=tls))
            assert result.ok, result.error

    async def test_a_skipped_check_survives_a_new_certificate(self, caller: Caller) -> None:
        tls = Tls(insecure_skip_verify=True)
        async with grpc_target(tls=(certificates(), "a.example")) as first:
            address = f"localhost:{first.port}"
            assert (await caller(close_orders(address, tls=tls))).ok
        async with grpc_target(tls=(certificates(), "b.example"), port=first.port):
            await eventually_ok(caller, close_orders(address, tls=tls))

    async def test_a_ca_that_does_not_load_is_told(self, caller: Caller) -> None:
        caller.secrets["shop/ca"] = {"ca.crt": b"no certificate"}
        result = await caller(close_orders("localhost:1", tls=self.OUR_CA))
        assert result.reason is Reason.INVALID_REQUEST
        assert "expected certificates in PEM form" in result.error


@dataclass
class Tunnel:
    """A proxy that leads every CONNECT to one port of loopback."""

    url: str
    asked: list[str]


@asynccontextmanager
async def tunnel(port: int) -> AsyncIterator[Tunnel]:
    """Run a proxy that notes whom it is asked for."""
    asked: list[str] = []

    async def lead(exchange: Exchange) -> None:
        asked.append(exchange.request.target)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        async with asyncio.TaskGroup() as group:
            group.create_task(copy(exchange.reader, writer))
            group.create_task(copy(reader, exchange.writer))

    async with target(lead) as proxy:
        yield Tunnel(proxy.url, asked)


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy bytes until one side ends."""
    with closing(sink):
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass


class TestProxy:
    """Calls through a proxy."""

    async def test_a_name_is_left_to_the_proxy(self) -> None:
        async def refuse(exchange: Exchange) -> None:
            await exchange.answer(403)

        async with target(refuse) as proxy:
            url = proxy.url.replace("http://", "http://user:pass@")
            async with calling(proxy=url) as caller:
                result = await caller(close_orders("shop.example:443"))
                assert result.reason is Reason.CONNECTION_ERROR
        (request, *_) = proxy.requests
        assert (request.method, request.target) == ("CONNECT", "shop.example:443")
        basic = "Basic " + base64.b64encode(b"user:pass").decode()
        assert request.header("Proxy-Authorization") == basic

    async def test_the_environment_is_no_setting(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with target() as proxy, grpc_target() as server:
            for name in ("http_proxy", "https_proxy", "grpc_proxy"):
                monkeypatch.setenv(name, proxy.url)
            assert (await caller(close_orders(server.address))).ok
            assert proxy.requests == []

    @pytest.mark.parametrize("name", ["no_proxy", "no_grpc_proxy"])
    async def test_the_environment_leads_nobody_past_it(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "localhost,shop.example,127.0.0.1")
        async with (
            grpc_target() as server,
            tunnel(server.port) as proxy,
            calling(proxy=proxy.url) as caller,
        ):
            port = server.address.rpartition(":")[2]
            result = await caller(close_orders(f"localhost:{port}"))
            assert result.ok, result.error
            assert proxy.asked == [f"localhost:{port}"]

    async def test_a_certificate_that_is_not_verified_is_fetched_through_it(
        self, authority: Certificates
    ) -> None:
        # Nobody but the proxy knows the name, and the address is reached by it alone.
        tls = Tls(insecure_skip_verify=True)
        async with (
            grpc_target(tls=(authority, "elsewhere.example")) as server,
            tunnel(server.port) as proxy,
            calling(proxy=proxy.url) as caller,
        ):
            for host in ("shop.invalid", "192.0.2.7"):
                result = await caller(close_orders(f"{host}:{server.port}", tls=tls))
                assert result.ok, result.error
                # Twice for the certificate, once for the call.
                assert proxy.asked == 3 * [f"{host}:{server.port}"]
                proxy.asked.clear()

    async def test_a_proxy_that_refuses_the_certificate_is_a_connection_error(self) -> None:
        async def refuse(exchange: Exchange) -> None:
            await exchange.answer(403)

        tls = Tls(insecure_skip_verify=True)
        async with target(refuse) as proxy, calling(proxy=proxy.url) as caller:
            result = await caller(close_orders("shop.invalid:443", tls=tls))
        assert result.reason is Reason.CONNECTION_ERROR
        assert "the proxy answered CONNECT" in result.error


class TestUnverifiedCertificates:
    """Where the certificate of a server comes from that is not verified."""

    SKIP = Tls(insecure_skip_verify=True)

    async def test_it_comes_from_the_checked_address(self, authority: Certificates) -> None:
        # A second look-up would name a denied address, where another server listens.
        names = {"shop.example": [["127.0.0.1"], ["127.0.0.9"]]}
        denied = (ip_network("127.0.0.9/32"),)
        async with (
            calling(denied=denied, names=names) as caller,
            grpc_target(tls=(authority, "a.example")) as server,
        ):
            callback = close_orders(f"shop.example:{server.port}", tls=self.SKIP)
            result = await caller(callback)
            assert result.ok, result.error
            assert server.calls[0].peer.startswith("ipv4:127.0.0.1:")

    async def test_the_next_address_is_tried(self, authority: Certificates) -> None:
        names = {"shop.example": [["127.0.0.1", "127.0.0.2"]]}
        async with (
            calling(names=names) as caller,
            grpc_target(tls=(authority, "a.example"), host="127.0.0.2") as server,
        ):
            callback = close_orders(f"shop.example:{server.port}", tls=self.SKIP)
            result = await caller(callback)
            assert result.ok, result.error

    async def test_it_is_not_fetched_from_a_denied_address(self) -> None:
        connected = asyncio.Event()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected.set()
            writer.transport.abort()

        async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            for proxy in (None, "http://127.0.0.1:9"):
                async with calling(denied=LOOPBACK, proxy=proxy) as caller:
                    result = await caller(close_orders(f"127.0.0.1:{port}", tls=self.SKIP))
                assert result.reason is Reason.ADDRESS_DENIED
        assert not connected.is_set()

    async def test_a_server_without_tls_is_a_connection_error(self, caller: Caller) -> None:
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, tls=self.SKIP))
        assert result.reason is Reason.CONNECTION_ERROR

"""Calls through a proxy, which the operator's settings must ask for."""

import asyncio
from contextlib import closing

import pytest

from crontask_core.enums import Reason
from crontask_core.networks import LOOPBACK
from crontask_core.spec import HttpCallback, SecretKeyRef, Tls
from crontask_operator.callbacks.connection.proxies import parse_proxy
from tests.support.targets import Certificates, Exchange, Script, Target, target
from tests.unit.callbacks.calls import calling

PASSWORD = "http://user:p%40ss@"  # noqa: S105 - of no account
BASIC = "Basic dXNlcjpwQHNz"


def tunnel_to(server: Target) -> Script:
    """Return a script that connects every CONNECT to `server`, whatever it names."""

    async def connect(exchange: Exchange) -> None:
        assert exchange.request.method == "CONNECT"
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with closing(writer):
            await asyncio.gather(pump(exchange.reader, writer), pump(reader, exchange.writer))

    return connect


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_a_plain_request_names_its_whole_url() -> None:
    async with target() as proxy, calling(proxy=proxy.url) as caller:
        result = await caller(HttpCallback(url="http://shop.example/path?q=1"))
        assert result.ok, result.error
        (request,) = proxy.requests
        assert request.target == "http://shop.example/path?q=1"
        assert request.header("Host") == "shop.example"
        assert request.header("Proxy-Authorization") is None


async def test_a_plain_request_brings_the_proxys_password() -> None:
    async with target() as proxy:
        async with calling(proxy=proxy.url.replace("http://", PASSWORD)) as caller:
            assert (await caller(HttpCallback(url="http://shop.example/"))).ok
        assert proxy.requests[0].header("Proxy-Authorization") == BASIC


async def test_the_proxys_password_is_in_no_record() -> None:
    async def show(exchange: Exchange) -> None:
        shown = exchange.request.header("Proxy-Authorization") or ""
        assert shown == BASIC
        page = f"{shown} {shown.partition(' ')[2]} user:p@ss p%40ss p@ss"
        await exchange.answer(502, page.encode(), {"Location": f"/?{shown}"})

    async with target(show) as server:
        proxy = server.url.replace("http://", PASSWORD)
        async with calling(proxy=proxy) as caller:
            result = await caller(HttpCallback(url="http://shop.example/a"))
            assert result.code == 502
            assert not any(
                part in f"{result}" for part in ("p@ss", "p%40ss", BASIC.partition(" ")[2])
            )


async def test_https_goes_through_a_tunnel(authority: Certificates) -> None:
    async with target(tls=authority.server("shop.example")) as server:
        async with target(tunnel_to(server)) as proxy:
            url = proxy.url.replace("http://", PASSWORD)
            async with calling(proxy=url) as caller:
                caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
                tls = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))
                result = await caller(HttpCallback(url="https://shop.example/path", tls=tls))
                assert result.ok, result.error
        (connect,) = proxy.requests
        assert connect.target == "shop.example:443"
        assert connect.header("Proxy-Authorization") == BASIC
        (request,) = server.requests
        assert request.target == "/path"
        assert request.header("Proxy-Authorization") is None


async def test_a_refused_tunnel_is_told() -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.answer(403)

    async with target(refuse) as proxy, calling(proxy=proxy.url) as caller:
        result = await caller(HttpCallback(url="https://shop.example/"))
        assert result.reason is Reason.CONNECTION_ERROR
        assert result.error == "the proxy answered CONNECT shop.example:443 with 403"


async def test_a_proxy_does_not_lift_the_check_of_addresses() -> None:
    async with target() as proxy, calling(proxy=proxy.url, denied=LOOPBACK) as caller:
        result = await caller(HttpCallback(url="http://127.0.0.1/"))
        assert result.reason is Reason.ADDRESS_DENIED
        assert proxy.requests == []


async def test_the_environment_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    async with target() as proxy, target() as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with calling() as caller:
            assert (await caller(HttpCallback(url=server.url))).ok
        assert proxy.requests == []


@pytest.mark.parametrize(
    "url", ["https://proxy.example", "proxy.example:3128", "socks5://user:hidden@x", "http://"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="expected http:// and a host") as caught:
        parse_proxy(url)
    assert "hidden" not in str(caught.value)

"""Hosts beyond ASCII: called by their A-labels, and no way round the check of addresses."""

# ruff: noqa: RUF001 - letters that look like others are what this is about

import ssl

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback, SecretKeyRef, Tls
from crontask_operator.callbacks.addresses.api_server import ApiServer
from crontask_operator.callbacks.addresses.hosts import parse_host
from crontask_operator.callbacks.addresses.resolver import LONGEST_NAME
from crontask_operator.callbacks.base import CallResult
from tests.support.grpc_targets import SERVICE, grpc_target
from tests.support.targets import Certificates, Exchange, target
from tests.unit.callbacks.calls import SHIPPED, Caller, calling

ASCII = "xn--mnchen-3ya.de"
FORMS = ["münchen.de", "MÜNCHEN.de", "mu\u0308nchen.de", "ｍünchen。de", ASCII, "XN--MNCHEN-3YA.DE"]
"""The last but two: a u with a combining mark, full-width letters and an ideographic stop."""

NAMES = {ASCII: [["127.0.0.1"]], "127.0.0.1": [["127.0.0.1"]]}

LOOK_ALIKES = [
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "１２７.0.0.1",
    "0x7ｆ.1",
    "２１３０７０６４３３",
    "⓪",
    "[：：１]",
    "a＠127.0.0.1",
    "127.0.0.1／a",
    "127.0.0.1：80",
    "℀.de",
    "loca\u00adlhost",
    "ｌocalhost",
    "%E2%91%A0.de",
]
"""Some of them are addresses or other URLs once UTS 46 has mapped them."""

NO_NAMES = ["xn--zzzz.de", "xn--", "-ü.de", "ü-.de", "💩.la", "xn--ls8h.la"]


async def call(caller: Caller, protocol: str, authority: str) -> CallResult:
    """Call `authority` by HTTP or gRPC."""
    if protocol == "http":
        return await caller(HttpCallback(url=f"http://{authority}/x"), timeout_seconds=5)
    callback = GrpcCallback(address=authority, service=SERVICE, method="Close")
    return await caller(callback, timeout_seconds=5)


@pytest.mark.parametrize("host", FORMS)
async def test_http_asks_for_the_ascii_form(host: str) -> None:
    async with calling(names=NAMES) as caller, target() as server:
        result = await call(caller, "http", f"{host}:{server.port}")
        assert result.ok, result.error
        assert server.requests[0].header("Host") == f"{ASCII}:{server.port}"


@pytest.mark.parametrize("host", FORMS)
async def test_grpc_asks_for_the_ascii_form(host: str) -> None:
    async with calling(names=NAMES) as caller, grpc_target() as server:
        port = server.address.rpartition(":")[2]
        result = await call(caller, "grpc", f"{host}:{port}")
        assert result.ok, result.error


@pytest.mark.parametrize("host", ["münchen.de", ASCII])
async def test_tls_is_for_the_ascii_form(authority: Certificates, host: str) -> None:
    asked: list[str | None] = []

    def note(_: ssl.SSLObject | ssl.SSLSocket, name: str | None, __: ssl.SSLContext) -> None:
        asked.append(name)

    context = authority.server(ASCII)
    context.sni_callback = note
    tls = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))
    async with calling(names=NAMES) as caller, target(tls=context) as server:
        caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
        result = await caller(HttpCallback(url=f"https://{host}:{server.port}/", tls=tls))
        assert result.ok, result.error
    assert asked == [ASCII]


@pytest.mark.parametrize("host", ["münchen.de", ASCII])
async def test_tls_of_grpc_is_for_the_ascii_form(authority: Certificates, host: str) -> None:
    tls = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))
    async with calling(names=NAMES) as caller, grpc_target(tls=(authority, ASCII)) as server:
        caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
        port = server.address.rpartition(":")[2]
        callback = GrpcCallback(address=f"{host}:{port}", service=SERVICE, method="Close", tls=tls)
        result = await caller(callback)
        assert result.ok, result.error


@pytest.mark.parametrize("host", ["münchen.de", "MÜNCHEN.de", ASCII])
async def test_a_redirect_may_name_one(host: str) -> None:
    async with calling(names=NAMES) as caller, target() as server:

        async def there(exchange: Exchange) -> None:
            where = f"http://{host}:{server.port}/ü"
            await exchange.answer(302, headers={"Location": where})

        async with target(there) as outside:
            result = await caller(HttpCallback(url=outside.url, follow_redirects=1))
        assert result.ok, result.error
        assert server.requests[0].header("Host") == f"{ASCII}:{server.port}"
        assert server.requests[0].target == "/%C3%BC"


@pytest.mark.parametrize("host", LOOK_ALIKES)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_what_looks_like_an_address_is_not_called(protocol: str, host: str) -> None:
    async with calling(denied=SHIPPED, names=NAMES) as caller, target() as server:
        result = await call(caller, protocol, f"{host}:{server.port}")
        assert result.reason in (Reason.INVALID_REQUEST, Reason.ADDRESS_DENIED), result.error
        assert server.connections == 0


@pytest.mark.parametrize("host", ["①②⑦.⓪.⓪.①", "127。0。0。1"])
async def test_a_redirect_does_not_lead_there_either(host: str) -> None:
    # Loopback is allowed here, so only the form of the host keeps it from being called.
    async with calling(names=NAMES) as caller, target() as server:

        async def there(exchange: Exchange) -> None:
            await exchange.answer(302, headers={"Location": f"http://{host}:{server.port}/"})

        async with target(there) as outside:
            result = await caller(HttpCallback(url=outside.url, follow_redirects=1))
        assert result.reason is not Reason.OK
        assert server.connections == 0


@pytest.mark.parametrize("host", NO_NAMES)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_what_is_no_name_is_refused(protocol: str, host: str) -> None:
    async with calling() as caller:
        result = await call(caller, protocol, f"{host}:80")
        assert result.reason is Reason.INVALID_REQUEST, result.error


@pytest.mark.parametrize("host", ["ü" * 2000, "a" * 2000, "ﷺ" * 250, "xn--" + "a" * 2000])
@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_a_message_tells_the_begin_of_a_long_one(protocol: str, host: str) -> None:
    async with calling() as caller:
        result = await call(caller, protocol, f"{host}:80")
        assert result.reason is Reason.INVALID_REQUEST
        assert len(result.error.encode()) < 500


def test_names_have_the_length_that_dns_has() -> None:
    longest = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert len(longest) == LONGEST_NAME
    assert parse_host(longest) == longest
    assert parse_host(longest + ".") == longest + "."


def test_a_name_may_have_labels_that_only_dns_knows() -> None:
    assert parse_host("_dav.münchen.de.") == "_dav.xn--mnchen-3ya.de."


@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_a_proxy_is_not_asked_for_the_api_server_in_other_letters(protocol: str) -> None:
    known = ApiServer.of_cluster()
    async with target() as proxy, calling(proxy=proxy.url, api_server=known) as caller:
        result = await call(caller, protocol, "ｋubernetes.default.svc:443")
        assert result.reason is Reason.ADDRESS_DENIED
        assert proxy.connections == 0


async def test_a_proxy_is_asked_for_the_ascii_form() -> None:
    async with target() as proxy, calling(proxy=proxy.url) as caller:
        assert (await call(caller, "http", "münchen.de")).ok
        assert proxy.requests[0].target == f"http://{ASCII}/x"

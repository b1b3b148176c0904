"""Who a target is, over https."""

import asyncio

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import HttpCallback, SecretKeyRef, Tls
from tests.support.targets import Certificates, certificates, target
from tests.unit.callbacks.calls import Caller, calling

OUR_CA = Tls(ca_secret_ref=SecretKeyRef(name="ca", key="ca.crt"))


async def test_a_target_is_verified_by_the_ca_of_a_secret(
    caller: Caller, authority: Certificates
) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
    async with target(tls=authority.server("localhost")) as server:
        url = f"https://localhost:{server.port}/"
        result = await caller(HttpCallback(url=url, tls=OUR_CA))
        assert result.ok, result.error
        assert (await caller(HttpCallback(url=url, tls=OUR_CA))).ok
        assert server.connections == 1


async def test_a_name_is_pinned_to_its_address_and_still_verified(
    authority: Certificates,
) -> None:
    names = {"shop.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
    async with calling(names=names) as caller:
        caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
        async with target(tls=authority.server("shop.example")) as server:
            url = f"https://shop.example:{server.port}/"
            assert (await caller(HttpCallback(url=url, tls=OUR_CA))).ok
            url = f"https://other.example:{server.port}/"
            result = await caller(HttpCallback(url=url, tls=OUR_CA))
            assert result.reason is Reason.CONNECTION_ERROR
            assert "Hostname mismatch" in result.error
            assert len(server.requests) == 1


async def test_an_address_is_verified_too(caller: Caller, authority: Certificates) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": authority.ca_pem.encode()}
    async with target(tls=authority.server("127.0.0.1")) as server:
        assert (await caller(HttpCallback(url=server.url, tls=OUR_CA))).ok


async def test_without_a_ca_the_systems_roots_decide(
    caller: Caller, authority: Certificates
) -> None:
    async with target(tls=authority.server("127.0.0.1")) as server:
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR
        assert result.error.startswith("the certificate is not accepted: ")
        assert server.requests == []


async def test_another_ca_does_not_do(caller: Caller, authority: Certificates) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": certificates().ca_pem.encode()}
    async with target(tls=authority.server("127.0.0.1")) as server:
        result = await caller(HttpCallback(url=server.url, tls=OUR_CA))
        assert result.reason is Reason.CONNECTION_ERROR
        assert "the certificate is not accepted" in result.error


async def test_a_check_may_be_skipped(caller: Caller, authority: Certificates) -> None:
    async with target(tls=authority.server("elsewhere.example")) as server:
        tls = Tls(insecure_skip_verify=True)
        assert (await caller(HttpCallback(url=server.url, tls=tls))).ok
        # A connection that was not verified does not serve those who want it verified.
        result = await caller(HttpCallback(url=server.url))
        assert result.reason is Reason.CONNECTION_ERROR


async def test_a_rotated_ca_is_picked_up(authority: Certificates) -> None:
    successor = certificates()
    for issuer in (authority, successor):
        async with calling() as caller, target(tls=issuer.server("127.0.0.1")) as server:
            caller.secrets["shop/ca"] = {"ca.crt": issuer.ca_pem.encode()}
            result = await caller(HttpCallback(url=server.url, tls=OUR_CA))
            assert result.ok, result.error


@pytest.mark.parametrize(
    ("pem", "error"),
    [
        (b"no certificate", "expected certificates in PEM form"),
        (b"", "expected certificates in PEM form"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "expected certificates in PEM form",
        ),
    ],
    ids=["text", "empty", "broken"],
)
async def test_a_ca_that_does_not_load_is_told(
    caller: Caller, authority: Certificates, pem: bytes, error: str
) -> None:
    caller.secrets["shop/ca"] = {"ca.crt": pem}
    async with target(tls=authority.server("127.0.0.1")) as server:
        result = await caller(HttpCallback(url=server.url, tls=OUR_CA))
        assert result.reason is Reason.INVALID_REQUEST
        assert error in result.error


async def test_a_comment_beside_a_certificate_may_be_in_any_language(
    caller: Caller, authority: Certificates
) -> None:
    bundle = f"# Prüfstelle für 证书\n{authority.ca_pem}\nEnde für heute.\n"
    caller.secrets["shop/ca"] = {"ca.crt": bundle.encode()}
    async with target(tls=authority.server("127.0.0.1")) as server:
        result = await caller(HttpCallback(url=server.url, tls=OUR_CA))
        assert result.ok, result.error


async def test_a_missing_ca_is_told(caller: Caller) -> None:
    result = await caller(HttpCallback(url="https://localhost:1/", tls=OUR_CA))
    assert result.reason is Reason.SECRET_UNAVAILABLE
    assert result.error == "Secret shop/ca does not exist"


async def test_a_target_that_speaks_no_tls_is_told(caller: Caller) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await caller(HttpCallback(url=f"https://127.0.0.1:{port}/"))
        assert result.reason is Reason.CONNECTION_ERROR
        assert result.error.startswith("TLS failed: ")

"""A target's own certificate, for gRPC calls that are not to verify it.

grpcio cannot skip the verification (grpc/grpc issue 15461). What comes closest is to
trust the very certificate that the target shows, under a name which it is made for. Only
one that has expired is still refused.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

import httpx

from crontask_operator.callbacks.addresses.authorities import Authority
from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.proxies import Proxy, open_tunnel

FETCH_SECONDS: Final = 10.0
"""Deadline of one handshake. A certificate is fetched for all calls that wait for it."""

_NAME: Final = re.compile(r"[0-9A-Za-z_.:-]{1,253}")


class PeerCertificate(NamedTuple):
    """A certificate in PEM form, and a name that it is for."""

    pem: bytes
    name: str


async def fetch_certificate(
    address: str, authority: Authority, proxy: Proxy | None = None
) -> PeerCertificate:
    """Return the certificate that `address` shows to those who ask for `authority`.

    `address` is a checked address, to which this connects without a look-up. With a
    `proxy` it is that which connects, and it may be a name for the proxy to resolve.

    Raises
    ------
    OSError
        If the connection or the handshake fails, or the certificate is none.
    """
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            return await _fetch(address, authority, proxy)
    except TimeoutError as error:
        raise OSError(f"no certificate of {authority} within {FETCH_SECONDS:g} s") from error
    except (httpx.TransportError, ValueError) as error:
        # A ValueError tells of a certificate that Python cannot read.
        raise OSError(f"no certificate of {authority}: {error}") from error


async def _fetch(address: str, authority: Authority, proxy: Proxy | None) -> PeerCertificate:
    blind = _context()
    blind.verify_mode = ssl.CERT_NONE
    shown = await _handshake(address, authority, blind, proxy)
    pem = ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True) or b"")
    # Python tells the names of a certificate only once it has verified it.
    trusting = _context()
    trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    trusting.load_verify_locations(cadata=pem)
    verified = await _handshake(address, authority, trusting, proxy)
    return PeerCertificate(pem.encode(), _name(verified, authority.host))


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # A server that speaks only gRPC refuses those who do not ask for HTTP/2.
    context.set_alpn_protocols(["h2"])
    return context


async def _handshake(
    address: str, authority: Authority, context: ssl.SSLContext, proxy: Proxy | None
) -> ssl.SSLObject:
    host, port = authority
    if proxy is not None:
        connection = await open_tunnel(proxy, address, port, context, host)
    else:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, address, port, ssl=context, server_hostname=host
        )
    try:
        return connection.tls
    finally:
        connection.abort()


def _name(verified: ssl.SSLObject, host: str) -> str:
    """Return a name that the certificate is for, or `host` if it tells none."""
    certificate = cast(Mapping[str, Sequence[tuple[str, str]]], verified.getpeercert() or {})
    for kind, value in certificate.get("subjectAltName", ()):
        name = value.replace("*", "any", 1)
        # It becomes the authority of the calls, and the server may write what it likes.
        if kind in ("DNS", "IP Address") and _NAME.fullmatch(name):
            return name
    return host

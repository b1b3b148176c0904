"""A target's own certificate, for gRPC calls that are not to verify it.

grpcio cannot skip the verification (grpc/grpc issue 15461). What comes closest is to
trust the very certificate that the target shows, under a name which it is made for. Only
one that has expired is still refused.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from crontask_operator.callbacks.authorities import Authority


class PeerCertificate(NamedTuple):
    """A certificate in PEM form, and a name that it is for."""

    pem: bytes
    name: str


async def fetch_certificate(address: str, authority: Authority) -> PeerCertificate:
    """Return the certificate that `address` shows to those who ask for `authority`.

    Raises
    ------
    OSError
        If the connection or the handshake fails.
    """
    blind = _context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    shown = await _handshake(address, authority, blind)
    pem = ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True) or b"")
    # Python tells the names of a certificate only once it has verified it.
    trusting = _context()
    trusting.check_hostname = False
    trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    trusting.load_verify_locations(cadata=pem)
    verified = await _handshake(address, authority, trusting)
    return PeerCertificate(pem.encode(), _name(verified, authority.host))


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A server that speaks only gRPC refuses those who do not ask for HTTP/2.
    context.set_alpn_protocols(["h2"])
    return context


async def _handshake(address: str, authority: Authority, context: ssl.SSLContext) -> ssl.SSLObject:
    _, writer = await asyncio.open_connection(
        address, authority.port, ssl=context, server_hostname=authority.host
    )
    try:
        secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return secured
    finally:
        writer.transport.abort()


def _name(verified: ssl.SSLObject, host: str) -> str:
    """Return a name that the certificate is for, or `host` if it tells none."""
    certificate = cast(Mapping[str, Sequence[tuple[str, str]]], verified.getpeercert() or {})
    for kind, value in certificate.get("subjectAltName", ()):
        if kind in ("DNS", "IP Address"):
            return value.replace("*", "any", 1)
    return host

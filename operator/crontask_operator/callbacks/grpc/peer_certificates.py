"""peer_certificates fetches a target's own certificate, for calls that do not verify it.

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
from crontask_operator.callbacks.connection.proxies import Proxy, open_tunnel
from crontask_operator.callbacks.connection.tls_stream import TlsHandshakes

FETCH_SECONDS: Final = 10.0
"""Deadline of one handshake. A certificate is fetched for all calls that wait for it."""

_NAME: Final = re.compile(r"[0-9A-Za-z_.:-]{1,253}")


class PeerCertificate(NamedTuple):
    """A certificate in PEM form, and a name that it is for."""

    pem: bytes
    name: str


class PeerCertificates:
    """Fetches the certificates that targets show, through `proxy` if there is one."""

    def __init__(self, proxy: Proxy | None = None) -> None:
        self._proxy = proxy
        self._handshakes = TlsHandshakes()

    async def fetch(self, addresses: Sequence[str], authority: Authority) -> PeerCertificate:
        """Return the certificate that those who ask for `authority` are shown.

        `addresses` are checked addresses, which this connects to in turn without a look-up.
        With a proxy it is that which connects, and to the first; without any, it resolves
        the authority's name.

        Raises
        ------
        OSError
            If the connection or the handshake fails, or the certificate is none.
        """
        addresses = addresses or (authority.host,)
        for address in addresses[:-1]:
            try:
                return await self._fetch(address, authority)
            except OSError:
                continue
        return await self._fetch(addresses[-1], authority)

    async def _fetch(self, address: str, authority: Authority) -> PeerCertificate:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await self._certificate(address, authority)
        except TimeoutError as error:
            raise OSError(f"no certificate of {authority} within {FETCH_SECONDS:g} s") from error
        except (httpx.TransportError, ValueError) as error:
            # A ValueError tells of a certificate that Python cannot read.
            raise OSError(f"no certificate of {authority}: {error}") from error

    async def _certificate(self, address: str, authority: Authority) -> PeerCertificate:
        blind = _context()
        blind.verify_mode = ssl.CERT_NONE
        shown = await self._handshake(address, authority, blind)
        pem = ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True) or b"")
        # Python tells the names of a certificate only once it has verified it.
        trusting = _context()
        trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        trusting.load_verify_locations(cadata=pem)
        verified = await self._handshake(address, authority, trusting)
        return PeerCertificate(pem.encode(), _name(verified, authority.host))

    async def _handshake(
        self, address: str, authority: Authority, context: ssl.SSLContext
    ) -> ssl.SSLObject:
        host, port = authority
        if self._proxy is None:
            connection = await self._handshakes.connect(address, port, context, host)
        else:
            destination = address, port
            connection = await open_tunnel(
                self._proxy, destination, context, host, self._handshakes
            )
        try:
            return connection.tls
        finally:
            connection.abort()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # A server that speaks only gRPC refuses those who do not ask for HTTP/2.
    context.set_alpn_protocols(["h2"])
    return context


def _name(verified: ssl.SSLObject, host: str) -> str:
    """Return a name that the certificate is for, or `host` if it tells none."""
    certificate = cast(Mapping[str, Sequence[tuple[str, str]]], verified.getpeercert() or {})
    for kind, value in certificate.get("subjectAltName", ()):
        name = value.replace("*", "any", 1)
        # It becomes the authority of the calls, and the server may write what it likes.
        if kind in ("DNS", "IP Address") and _NAME.fullmatch(name):
            return name
    return host

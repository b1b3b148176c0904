"""proxies opens connections by an HTTP proxy, for settings that ask for one."""

import asyncio
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.tls_stream import TlsHandshakes

DEFAULT_PROXY_PORT: Final = 80


@dataclass(frozen=True, slots=True)
class Proxy:
    """Address of an HTTP proxy; `authorization` is its Proxy-Authorization header's value."""

    host: str
    port: int
    authorization: bytes | None = field(default=None, repr=False)


def parse_proxy(url: str) -> Proxy:
    """Return the proxy at `url`, such as ``http://user:password@proxy.example:3128``.

    Raises
    ------
    ValueError
        If it is no http:// URL with a host; the message does not tell a password.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("proxy: expected http:// and a host, such as http://proxy.example:3128")
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = b"Basic " + b64encode(pair.encode())
    return Proxy(parts.hostname, parts.port or DEFAULT_PROXY_PORT, authorization)


async def open_tunnel(
    proxy: Proxy,
    destination: tuple[str, int],
    context: ssl.SSLContext,
    server_name: str,
    handshakes: TlsHandshakes,
) -> Connection:
    """Return a TLS connection through `proxy` (CONNECT, RFC 9110, 9.3.6).

    `destination` is a host and a port.

    Raises
    ------
    OSError
        If the proxy cannot be reached or the target's TLS fails.
    httpx.ProxyError
        If the proxy refuses.
    """
    host, port = destination
    loop = asyncio.get_running_loop()
    transport, outer = await loop.create_connection(Connection, proxy.host, proxy.port)
    try:
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        outer.send(_connect(authority.encode("ascii"), proxy), bodiless=True)
        head = await outer.head()
        if not 200 <= head.status < 300:
            raise httpx.ProxyError(f"the proxy answered CONNECT {authority} with {head.status}")
        if transport.is_closing():
            raise httpx.ProxyError(f"the proxy closed the tunnel to {authority}")
        return await handshakes.secure(transport, context, server_name)
    except BaseException:
        transport.abort()
        raise


def _connect(authority: bytes, proxy: Proxy) -> bytes:
    head = b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n" % (authority, authority)
    if proxy.authorization is not None:
        head += b"Proxy-Authorization: %b\r\n" % proxy.authorization
    return head + b"\r\n"

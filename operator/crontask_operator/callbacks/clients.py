"""The engine's clients: one for http, one per pinned host for https.

An http request is pinned by putting the checked address into its URL and the name into
its Host header, so all of them share one client. With https the certificate must be
checked against the name, so the name stays in the URL, and a client is made that
resolves this one name to the checked address.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError
from pyreqwest.proxy import ProxyBuilder

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.transport import LeanTransport

CLIENTS_KEPT: Final = 256
"""Pinned clients in memory, at about 70 KB and 9 ms to make. Above it, the one that
was used least recently is dropped; its calls in flight still end."""

IDLE_SECONDS: Final = 1.5
"""How long a connection without a call is kept. Common servers close theirs after 2
(gunicorn), 4 or 5 seconds (Apache, Node.js, uvicorn); a client that keeps longer sends
into a connection that is being closed."""

IDLE_PER_HOST: Final = 200


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """How to verify a target: `ca_pem` is trusted besides the system's roots."""

    ca_pem: str | None = None
    verify: bool = True


SYSTEM_ROOTS: Final = TlsPolicy()


@dataclass(frozen=True, slots=True)
class Pin:
    """Connections to `host` go to `address` only."""

    host: str
    address: str
    port: int


class ClientPool:
    """Makes and keeps transports. `proxy` is the URL of an HTTP proxy, or None."""

    def __init__(self, *, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._transports: OrderedDict[tuple[Pin | None, TlsPolicy], LeanTransport] = OrderedDict()

    def get(self, pin: Pin | None, policy: TlsPolicy) -> LeanTransport:
        """Return the transport for `pin`, or the shared one if nothing is to be pinned.

        Raises
        ------
        CallError
            InvalidRequest if ``policy.ca_pem`` holds no usable certificate.
        """
        key = (pin, policy)
        transport = self._transports.get(key)
        if transport is None:
            transport = self._transports[key] = LeanTransport(self._build(pin, policy))
            if len(self._transports) > CLIENTS_KEPT:
                # Not closed, which would end its calls: they hold the client, and the
                # engine closes it after the last of them.
                self._transports.popitem(last=False)
        self._transports.move_to_end(key)
        return transport

    async def close(self) -> None:
        """Close all clients."""
        while self._transports:
            _, transport = self._transports.popitem()
            await transport.aclose()

    def _build(self, pin: Pin | None, policy: TlsPolicy) -> Client:
        builder = (
            ClientBuilder()
            .follow_redirects(False)
            .referer(False)
            .no_proxy()
            .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
            .pool_max_idle_per_host(IDLE_PER_HOST)
        )
        if self._proxy is not None:
            builder = builder.proxy(ProxyBuilder.all(self._proxy))
        if pin is not None:
            builder = builder.resolve(pin.host, pin.address, pin.port)
        if not policy.verify:
            builder = builder.danger_accept_invalid_certs(True)
        try:
            if policy.ca_pem is not None:
                builder = builder.add_root_certificate_pem(policy.ca_pem.encode())
            return builder.build()
        except (BuilderError, ValueError) as error:
            raise CallError(
                Reason.INVALID_REQUEST, f"the CA certificate cannot be used: {error}"
            ) from error

"""gRPC channels by where they go, pinned to addresses that were checked."""

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import grpc
import grpc.aio

from crontask_operator.callbacks.authorities import Authority
from crontask_operator.callbacks.peer_certificates import PeerCertificate, fetch_certificate
from crontask_operator.callbacks.proxies import Proxy
from crontask_operator.callbacks.tls import TlsContexts, TlsPolicy

CHANNELS_KEPT: Final = 256
"""Open channels. Above it, the idle one that was used least recently is closed."""

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""Largest reply that is accepted, gRPC's own default. Unlike an HTTP answer, a message
cannot be read in part."""

MAX_BACKOFF_MS: Final = 1000
"""Longest wait before a lost connection is tried again. gRPC's default grows to two
minutes, in which every run would fail at once though the server is back."""


MAX_METADATA_BYTES: Final = 16 * 1024
"""Most that is taken of a server's metadata, gRPC's own hard limit."""

IDLE_MS: Final = 50_000
"""How long a channel without a call keeps its connection. Many proxies close theirs after
60 seconds; a call that meets that just then fails, if they do not say so properly."""


class Target(NamedTuple):
    """Where a channel goes.

    `addresses` are checked addresses of ``authority.host``, all of one family, or empty
    to let the proxy resolve it. Without `tls` the channel is plaintext.
    """

    authority: Authority
    addresses: tuple[str, ...]
    tls: TlsPolicy | None


@dataclass(slots=True)
class _Entry:
    channel: grpc.aio.Channel
    calls: int = 0
    retired: bool = False


class ChannelPool:
    """Opens channels and keeps them.

    Behind a `proxy` every connection is a tunnel through it.
    """

    def __init__(self, *, user_agent: str, proxy: Proxy | None = None) -> None:
        self._user_agent = user_agent
        self._proxy = proxy
        self._contexts = TlsContexts()
        self._entries: OrderedDict[Target, _Entry] = OrderedDict()

    @asynccontextmanager
    async def channel(self, target: Target) -> AsyncIterator[grpc.aio.Channel]:
        """Give the channel to `target` for the length of a call.

        Raises
        ------
        CallError
            InvalidRequest if the CA certificate of the target's policy does not load.
        OSError
            If a certificate that is not to be verified cannot be fetched.
        """
        entry = self._entries.get(target)
        if entry is None:
            credentials, name = await self._credentials(target)
            # Another call may have opened it meanwhile.
            entry = self._entries.get(target) or _Entry(self._open(target, credentials, name))
            self._entries[target] = entry
        self._entries.move_to_end(target)
        entry.calls += 1
        try:
            yield entry.channel
        finally:
            entry.calls -= 1
            if entry.retired:
                await self._close(entry)
            elif len(self._entries) > CHANNELS_KEPT:
                await self._close_oldest()

    def is_connected(self, target: Target) -> bool:
        """Return whether there is a channel to `target`, and a connection in it."""
        entry = self._entries.get(target)
        if entry is None:
            return False
        state = entry.channel.get_state()
        return state is grpc.ChannelConnectivity.READY

    async def retire(self, target: Target) -> None:
        """Open a new channel for the next call; the calls in flight end on the old one."""
        entry = self._entries.pop(target, None)
        if entry is not None:
            entry.retired = True
            await self._close(entry)

    async def close(self) -> None:
        """Close all channels, and with them the calls in flight."""
        while self._entries:
            _, entry = self._entries.popitem()
            await entry.channel.close(None)

    async def _close(self, entry: _Entry) -> None:
        if entry.calls == 0:
            await entry.channel.close(None)

    async def _close_oldest(self) -> None:
        for target, entry in self._entries.items():
            if entry.calls == 0:
                await self.retire(target)
                return

    async def _credentials(self, target: Target) -> tuple[grpc.ChannelCredentials | None, str]:
        """Return the credentials for `target`, and the name that its certificate is for."""
        if target.tls is None:
            return None, target.authority.host
        if not target.tls.verify:
            peer = await self._shown_certificate(target)
            return grpc.ssl_channel_credentials(peer.pem), peer.name
        # grpcio would take a text without certificates, and fail at the first handshake.
        self._contexts.get(target.tls)
        ca_pem = target.tls.ca_pem
        roots = system_roots() if ca_pem is None else ca_pem.encode()
        return grpc.ssl_channel_credentials(roots), target.authority.host

    async def _shown_certificate(self, target: Target) -> PeerCertificate:
        # The very addresses that were checked, in turn; a name is for the proxy alone.
        addresses = target.addresses or (target.authority.host,)
        for address in addresses[:-1]:
            try:
                return await fetch_certificate(address, target.authority, self._proxy)
            except OSError:
                continue
        return await fetch_certificate(addresses[-1], target.authority, self._proxy)

    def _open(
        self, target: Target, credentials: grpc.ChannelCredentials | None, name: str
    ) -> grpc.aio.Channel:
        # The authority is also the name that is asked of the certificate. A call that does
        # not verify it therefore goes by the name that the certificate is for.
        authority = str(target.authority if name == target.authority.host else name)
        options: list[tuple[str, str | int]] = [
            ("grpc.primary_user_agent", self._user_agent),
            ("grpc.default_authority", authority),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.initial_reconnect_backoff_ms", MAX_BACKOFF_MS),
            ("grpc.max_reconnect_backoff_ms", MAX_BACKOFF_MS),
            ("grpc.max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.client_idle_timeout_ms", IDLE_MS),
            # Whether to try again is the spec's to say, and a name server's answer may not.
            # What remains is that gRPC sends a call once more which the server, as it
            # says by GOAWAY, has not looked at.
            ("grpc.enable_retries", 1),
            ("grpc.service_config_disable_resolution", 1),
            # Proxies are ours to choose, not the environment's.
            ("grpc.enable_http_proxy", 0),
        ]
        if self._proxy is not None:
            options += _tunnel(self._proxy, target)
        uri = _uri(target, self._proxy)
        if credentials is None:
            return grpc.aio.insecure_channel(uri, options=options)
        return grpc.aio.secure_channel(uri, credentials, options=options)


def _uri(target: Target, proxy: Proxy | None) -> str:
    """Return where to connect as gRPC names it: addresses need no resolver of its own."""
    authority = target.authority
    if proxy is not None:
        return f"dns:///{Authority(proxy.host, proxy.port)}"
    if ":" in target.addresses[0]:
        hosts = [f"[{address}]" for address in target.addresses]
        return "ipv6:" + ",".join(f"{host}:{authority.port}" for host in hosts)
    return "ipv4:" + ",".join(f"{host}:{authority.port}" for host in target.addresses)


def _tunnel(proxy: Proxy, target: Target) -> list[tuple[str, str | int]]:
    """Return the options for a tunnel through `proxy` to `target`.

    gRPC's own setting of a proxy is not used: where ``no_proxy`` of the environment names
    the target, it would resolve the name by itself and go there unchecked.
    """
    host = target.addresses[0] if target.addresses else target.authority.host
    options: list[tuple[str, str | int]] = [
        ("grpc.http_connect_server", str(Authority(host, target.authority.port)))
    ]
    if proxy.authorization is not None:
        header = f"Proxy-Authorization:{proxy.authorization.decode()}"
        options.append(("grpc.http_connect_headers", header))
    return options


@lru_cache(maxsize=1)
def system_roots() -> bytes | None:
    """Return the system's CA certificates, or None to use those that grpcio brings.

    grpcio does not look for the system's, so a CA that was installed on the image would
    hold for http and not for gRPC.
    """
    path = ssl.get_default_verify_paths().cafile
    return None if path is None else Path(path).read_bytes()

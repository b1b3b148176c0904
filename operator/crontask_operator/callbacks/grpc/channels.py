"""ChannelPool keeps gRPC channels pinned to addresses that were checked, for the client."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import grpc
import grpc.aio

from crontask_core.fair_cache import FairCache
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.addresses.authorities import Authority
from crontask_operator.callbacks.answer_memory import AnswerMemory
from crontask_operator.callbacks.connection.proxies import Proxy
from crontask_operator.callbacks.connection.tls import (
    BYTES_A_CHARACTER,
    LONGEST_PEM,
    TlsContexts,
    TlsPolicy,
    certificates,
)
from crontask_operator.callbacks.grpc.channel_widths import MAX_MESSAGE_BYTES, Widths
from crontask_operator.callbacks.grpc.peer_certificates import PeerCertificates

CHANNELS_BYTES: Final = 64 * 1024 * 1024
"""About the memory of the channels that are kept. Above it, the namespace with the most loses
the one that it used least recently; calls in flight end on it."""

CHANNEL_BYTES: Final = 64 * 1024
TLS_BYTES: Final = 128 * 1024
SYSTEM_ROOTS_BYTES: Final = 192 * 1024
"""What a channel takes, what it takes besides with TLS, and to know the system's certificates,
though they are read once for all. Measured with grpcio 1.83: 51, 80 and 200 KiB, a handshake
that hangs 50 more."""

IN_USE_BYTES: Final = 96 * 1024 * 1024
"""What TLS takes in all channels that calls are made on. A namespace has an eighth."""

MAX_BACKOFF_MS: Final = 1000
"""Longest wait before a lost connection is tried again. gRPC's default grows to two
minutes, in which every run would fail at once though the server is back."""


MAX_METADATA_BYTES: Final = 16 * 1024
"""Most that is taken of a server's metadata, gRPC's own hard limit."""

ROOTS_VARIABLE: Final = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
"""Where grpcio looks for the path of certificates that are trusted by default."""

IDLE_MS: Final = 50_000
"""How long a channel without a call keeps its connection. Many proxies close theirs after
60 seconds; a call that meets that just then fails, if they do not say so properly."""


class Target(NamedTuple):
    """Where a channel goes.

    `addresses` are checked addresses of ``authority.host``, all of one family, or empty
    to let the proxy resolve it. Without `tls` the channel is plaintext. A `narrow` one
    takes short replies alone.
    """

    authority: Authority
    addresses: tuple[str, ...]
    tls: TlsPolicy | None
    narrow: bool = False

    def narrowed(self) -> "Target":
        """Return the same place by a narrow channel."""
        return self._replace(narrow=True)


@dataclass(slots=True, eq=False)
class _Entry:
    """A channel. `tls` are the bytes that TLS takes while it is used."""

    channel: grpc.aio.Channel
    namespace: str
    tls: int
    calls: int = 0
    has_room: bool = False
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ChannelPool:
    """Opens channels and keeps them, for each namespace its own.

    Behind a `proxy` every connection is a tunnel through it.
    """

    def __init__(
        self, *, user_agent: str, proxy: Proxy | None = None, widths: Widths | None = None
    ) -> None:
        _trust_the_system()
        self._widths = widths or Widths()
        self._user_agent = user_agent
        self._proxy = proxy
        self._peers = PeerCertificates(proxy)
        # They are looked at once a channel, which keeps certificates in a form of its own.
        self._contexts = TlsContexts(0)
        self._kept = FairCache[Target, _Entry](CHANNELS_BYTES, dropped=self._retire)
        self._open: set[_Entry] = set()
        self._retired: set[_Entry] = set()
        self._rooms = AnswerMemory(TLS_BYTES + BYTES_A_CHARACTER * LONGEST_PEM, IN_USE_BYTES)

    @asynccontextmanager
    async def channel(self, target: Target) -> AsyncIterator[grpc.aio.Channel]:
        """Give the channel to `target` for the length of a call.

        It waits while TLS takes too much in the channels that are in use.

        Raises
        ------
        CallError
            InvalidRequest if the CA certificate of the target's policy does not load.
        OSError
            If a certificate that is not to be verified cannot be fetched.
        """
        namespace = TENANT.get()
        entry = self._kept.get(namespace, target)
        if entry is None:
            credentials, name = await self._credentials(target)
            # Another call may have opened it meanwhile.
            entry = self._kept.get(namespace, target)
            if entry is None:
                entry = self._opened(namespace, target, credentials, name)
        entry.calls += 1
        try:
            if entry.tls and not entry.has_room:
                await self._take_room(entry)
            yield entry.channel
        finally:
            entry.calls -= 1
            self._leave(entry)
            await self._close_retired()

    def is_connected(self, target: Target) -> bool:
        """Return whether there is a channel to `target`, of any width, and a connection in it."""
        entries = [self._kept.get(TENANT.get(), each) for each in (target, target.narrowed())]
        ready = grpc.ChannelConnectivity.READY
        return any(entry and entry.channel.get_state() is ready for entry in entries)

    async def retire(self, target: Target) -> None:
        """Open a new channel for the next call; the calls in flight end on the old one."""
        for each in (target, target.narrowed()):
            self._kept.drop(TENANT.get(), each)
        await self._close_retired()

    async def close(self) -> None:
        """Close all channels, and with them the calls in flight."""
        while self._open:
            await self._open.pop().channel.close(None)

    def _opened(
        self,
        namespace: str,
        target: Target,
        credentials: grpc.ChannelCredentials | None,
        name: str,
    ) -> _Entry:
        channel = self._channel(target, credentials, name)
        tls = _tls_bytes(target.tls)
        entry = _Entry(channel, namespace, tls)
        self._open.add(entry)
        self._kept.put(namespace, target, entry, CHANNEL_BYTES + tls)
        return entry

    async def _take_room(self, entry: _Entry) -> None:
        async with entry.asking:
            if not entry.has_room:
                await self._rooms.take(entry.namespace, entry.tls)
                entry.has_room = True

    def _leave(self, entry: _Entry) -> None:
        if entry.calls == 0 and entry.has_room:
            entry.has_room = False
            self._rooms.give_back(entry.namespace, entry.tls)

    def _retire(self, entry: _Entry, _size: int) -> None:
        self._retired.add(entry)

    async def _close_retired(self) -> None:
        """Close what is kept no longer, but for what calls still use."""
        for entry in [each for each in self._retired if each.calls == 0]:
            self._retired.discard(entry)
            self._open.discard(entry)
            await entry.channel.close(None)

    async def _credentials(self, target: Target) -> tuple[grpc.ChannelCredentials | None, str]:
        """Return the credentials for `target`, and the name that its certificate is for."""
        if target.tls is None:
            return None, target.authority.host
        if not target.tls.verify:
            peer = await self._peers.fetch(target.addresses, target.authority)
            return grpc.ssl_channel_credentials(peer.pem), peer.name
        ca_pem = target.tls.ca_pem
        if ca_pem is None:
            return grpc.ssl_channel_credentials(), target.authority.host
        # grpcio would take a text without certificates, and fail at the first handshake.
        self._contexts.get(target.tls)
        roots = certificates(ca_pem).encode()
        return grpc.ssl_channel_credentials(roots), target.authority.host

    def _channel(
        self, target: Target, credentials: grpc.ChannelCredentials | None, name: str
    ) -> grpc.aio.Channel:
        # The authority is also the name that is asked of the certificate. A call that does
        # not verify it therefore goes by the name that the certificate is for.
        authority = str(target.authority if name == target.authority.host else name)
        options: list[tuple[str, str | int]] = [
            ("grpc.primary_user_agent", self._user_agent),
            ("grpc.default_authority", authority),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.service_config", self._widths.service_config(narrow=target.narrow)),
            ("grpc.initial_reconnect_backoff_ms", MAX_BACKOFF_MS),
            ("grpc.max_reconnect_backoff_ms", MAX_BACKOFF_MS),
            ("grpc.max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.client_idle_timeout_ms", IDLE_MS),
            # The spec decides on retries; gRPC's own, and those of a name server's answer, are off.
            # What remains is that gRPC sends a call once more which the server, as it
            # says by GOAWAY, has not looked at.
            ("grpc.enable_retries", 1),
            ("grpc.service_config_disable_resolution", 1),
            # The settings choose the proxy, not the environment.
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


def _tls_bytes(policy: TlsPolicy | None) -> int:
    """Return about what TLS by `policy` takes in a channel."""
    if policy is None:
        return 0
    if policy.ca_pem is not None:
        return TLS_BYTES + BYTES_A_CHARACTER * len(policy.ca_pem)
    # One that is not verified knows the certificate of its target alone.
    return TLS_BYTES + (SYSTEM_ROOTS_BYTES if policy.verify else 0)


def _trust_the_system() -> None:
    """Have grpcio trust the system's CA certificates where a channel has none of its own.

    grpcio does not look for them, so a CA that was installed on the image would hold for
    http and not for gRPC. Given to each channel as bytes, they would be read for each, and
    take 1.2 MB. grpcio asks for the variable once, before the first channel.
    """
    path = ssl.get_default_verify_paths().cafile
    if path is not None:
        os.environ[ROOTS_VARIABLE] = path

"""Whoever stops talking to the API server leaves no connection behind."""

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from kubernetes.aio.client import Configuration

from crontask_kube.connector import SILENT_SECONDS, open_socket
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from tests.support.targets import certificates

PATIENCE_SECONDS = 10
"""Much less than the 30 s for which TLS waits for the peer's farewell."""

EVENT = (
    b'{"type":"ADDED","object":{"metadata":{"name":"crontask-operator-0",'
    b'"resourceVersion":"7","labels":{"crontask.dev/lease":"shard"}},"spec":{}}}\n'
)
BEGIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


class MuteServer:
    """A TLS server that begins an answer, never ends it, and ignores every farewell."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        request = b""
        while not request:
            try:
                tls.do_handshake()
                request = tls.read()
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        self.asked.set()
        tls.write(BEGIN + b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
        writer.write(outgoing.read())
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        writer.close()
        self.gone.set()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[MuteServer, Configuration]]:
    made = certificates()
    mute = MuteServer(made.server("127.0.0.1"))
    (tmp_path / "ca.pem").write_text(made.ca_pem)
    async with await asyncio.start_server(mute.serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        configuration = Configuration(
            host=f"https://127.0.0.1:{port}", ssl_ca_cert=str(tmp_path / "ca.pem")
        )
        yield mute, configuration


async def test_a_watch_that_is_given_up(server: tuple[MuteServer, Configuration]) -> None:
    mute, configuration = server
    async with KubeApi(configuration) as client:
        store = KubernetesLeaseStore(client, "here", silence_seconds=10)
        async with aclosing(store.watch("1")) as changes:
            change = await anext(changes)
    assert change.record.name == "crontask-operator-0"
    async with asyncio.timeout(PATIENCE_SECONDS):
        await mute.gone.wait()


async def test_a_request_that_is_cancelled(server: tuple[MuteServer, Configuration]) -> None:
    mute, configuration = server
    async with KubeApi(configuration) as api:
        request = asyncio.create_task(api.request("GET", "/version", operation="test"))
        await mute.asked.wait()
        request.cancel()
        await asyncio.wait([request])
    assert request.cancelled()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await mute.gone.wait()


def test_a_connection_notices_that_its_peer_is_gone() -> None:
    (address, *_) = socket.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM)

    with open_socket(address) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if sys.platform == "linux":
            probing = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) * (
                opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
            )
            assert probing <= SILENT_SECONDS
            unacknowledged = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert unacknowledged == SILENT_SECONDS * 1000

"""gRPC channels with TLS: which certificates they trust by default, and what they take."""

import asyncio
import os
import socket
import ssl
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, Tls
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.addresses.authorities import Authority
from crontask_operator.callbacks.answer_memory import SHARES
from crontask_operator.callbacks.connection.tls import TlsPolicy
from crontask_operator.callbacks.grpc.channels import (
    CHANNEL_BYTES,
    IN_USE_BYTES,
    SYSTEM_ROOTS_BYTES,
    TLS_BYTES,
    ChannelPool,
    Target,
)
from tests.support.grpc_targets import grpc_target
from tests.support.hostile_grpc import service_file
from tests.support.memory import grown_bytes, resident_bytes
from tests.support.targets import Certificates, certificates
from tests.unit.callbacks.calls import calling
from tests.unit.callbacks.grpc.grpc_calls import close_orders
from tests.unit.callbacks.grpc.hostile_calls import calling_it
from tests.unit.callbacks.test_memory import forget_peak, peak_bytes

CALLS: Final = 150
MIB: Final = 1024 * 1024


async def _call_a_server_of(authority: Certificates) -> None:
    async with calling() as caller, grpc_target(tls=(authority, "127.0.0.1")) as server:
        result = await caller(close_orders(server.address, tls=Tls()))
        assert result.ok, result.error


def call_by_a_certificate_of_the_systems() -> None:
    """Call a server whose authority the system trusts and grpcio does not know."""
    authority = certificates()
    system = ssl.get_default_verify_paths().cafile
    with NamedTemporaryFile("w", suffix=".pem") as bundle:
        bundle.write(Path(system).read_text(encoding="ascii") if system else "")
        bundle.write("\n" + authority.ca_pem)
        bundle.flush()
        os.environ["SSL_CERT_FILE"] = bundle.name
        asyncio.run(_call_a_server_of(authority))


def test_the_systems_certificates_are_trusted() -> None:
    grown_bytes(call_by_a_certificate_of_the_systems)


async def _hang() -> None:
    with socket.create_server(("0.0.0.0", 0), backlog=CALLS) as silent:
        port = silent.getsockname()[1]
        async with calling() as caller:
            types = FileDescriptorSet(file=[service_file()]).SerializeToString()
            caller.config_maps["shop/types"] = {"s.pb": types}
            ref = ConfigMapKeyRef(name="types", key="s.pb")
            calls = [
                caller(
                    calling_it(f"127.0.0.{number + 1}:{port}", ref=ref, tls=Tls()),
                    timeout_seconds=5,
                )
                for number in range(CALLS)
            ]
            forget_peak()
            before = resident_bytes()
            results = await asyncio.gather(*calls)
            used = peak_bytes() - before
    assert used <= CALLS * CHANNEL_BYTES + IN_USE_BYTES // SHARES + 8 * MIB, used
    assert {result.reason for result in results} == {Reason.TIMEOUT}


def hang_in_many_channels() -> None:
    """Hang in the handshakes with servers that are to be known by the system's certificates."""
    asyncio.run(_hang())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_channels_in_use_take_a_bounded_memory() -> None:
    grown_bytes(hang_in_many_channels, warm_up=call_by_a_certificate_of_the_systems)


async def test_tls_without_certificates_of_its_own_counts_as_well() -> None:
    pool = ChannelPool(user_agent="agent")
    at_once = IN_USE_BYTES // SHARES // (TLS_BYTES + SYSTEM_ROOTS_BYTES)
    TENANT.set("team-a")
    async with AsyncExitStack() as stack:
        for number in range(at_once):
            await stack.enter_async_context(pool.channel(target(number + 1)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), pool.channel(target(at_once + 1)):
                pass
        TENANT.set("team-b")
        async with asyncio.timeout(10), pool.channel(target(1)):
            pass
    await pool.close()


def target(number: int) -> Target:
    """Return one of many targets that are known by the system's certificates."""
    return Target(Authority("shop.example", number), ("127.0.0.1",), TlsPolicy())

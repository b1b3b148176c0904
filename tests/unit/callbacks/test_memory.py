"""What targets and tenants send takes a bounded amount of memory, measured in a process."""

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import trustme
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, Expect, HttpCallback, SecretKeyRef, Tls
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES
from crontask_operator.callbacks.connection.tls import (
    CONTEXTS_BYTES,
    LONGEST_PEM,
    TlsContexts,
    TlsPolicy,
)
from crontask_operator.callbacks.grpc.channels import CHANNELS_BYTES
from crontask_operator.callbacks.http.prepared import PREPARED_BYTES, PreparedRequests
from crontask_operator.callbacks.http.transport import WireTransport
from crontask_operator.callbacks.secrets.secret_reader import SECRETS_BYTES, CachedSecretReader
from tests.support.hostile_grpc import service_file
from tests.support.memory import grown_bytes, resident_bytes, settled_bytes
from tests.support.targets import Exchange, target
from tests.unit.callbacks.calls import Names, attempt_of, calling
from tests.unit.callbacks.connection.test_connection_bounds import CHUNKED
from tests.unit.callbacks.grpc.hostile_calls import calling_it

MIB = 1024 * 1024

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

kept: list[object] = []


def peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) * 1024


def forget_peak() -> None:
    """Let `peak_bytes` tell the most memory from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


async def _call_charsets(calls: int) -> None:
    number = 0

    async def answer(exchange: Exchange) -> None:
        nonlocal number
        number += 1
        noise = f"{number:x}" + "x" * 15_000
        await exchange.answer(200, b"", {"Content-Type": f"text/plain; charset={noise}"})

    async with calling() as caller, target(answer) as server:
        for _ in range(calls):
            assert (await caller(HttpCallback(url=server.url))).ok


def call_once() -> None:
    """Do once what each call does."""
    asyncio.run(_call_charsets(1))


def answer_with_charsets() -> None:
    """Answer with three thousand charsets that do not exist."""
    asyncio.run(_call_charsets(3000))


async def _call_with_trailers() -> None:
    async def pour(exchange: Exchange) -> None:
        await exchange.send(CHUNKED, b"1\r\nx\r\n0\r\n")
        while True:
            await exchange.send(b"X-Trailer: and another one\r\n" * 2000)

    async with calling() as caller, target(pour) as server:
        before = resident_bytes()
        calls = [caller(HttpCallback(url=server.url), timeout_seconds=2) for _ in range(10)]
        results = await asyncio.gather(*calls)
        assert {result.reason for result in results} == {Reason.CONNECTION_ERROR}
        assert peak_bytes() - before < 30 * MIB


def answer_with_trailers() -> None:
    """Answer ten calls with trailers that do not end."""
    asyncio.run(_call_with_trailers())


async def _prepare() -> None:
    transport = WireTransport(AddressGuard((), Resolver(Names({}))))
    requests = PreparedRequests(transport, "agent")
    for number in range(2000):
        body = f"{number:6}" * (256 * 1024 // 6)
        attempt = attempt_of(HttpCallback(url="http://a.example/", body=body), name=f"{number}")
        requests.get(attempt)
    kept.append(requests)
    await transport.aclose()


def prepare_large_bodies() -> None:
    """Prepare half a gigabyte of requests."""
    asyncio.run(_prepare())


async def _read_secrets() -> None:
    async def get(namespace: str, name: str) -> Mapping[str, bytes]:
        return {"key": name.encode() * (256 * 1024 // len(name)), "other": bytes(700_000)}

    reader = CachedSecretReader(get)
    for number in range(1000):
        await reader.read("shop", f"{number:6}", "key")
    kept.append(reader)


def read_large_secrets() -> None:
    """Read a gigabyte of Secrets."""
    asyncio.run(_read_secrets())


def make_tls_contexts() -> None:
    """Make contexts of policies that are as large as they may be."""
    contexts = TlsContexts()
    authorities = [trustme.CA(organization_name=f"o{number}") for number in range(380)]
    bundle = "".join(each.cert_pem.bytes().decode() for each in authorities)
    assert LONGEST_PEM - 20_000 < len(bundle) < LONGEST_PEM - 10
    for number in range(28):
        contexts.get(TlsPolicy(f"# {number}\n{bundle}"))
    kept.append(contexts)


async def _open_channels(channels: int) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    authorities = [trustme.CA(organization_name=f"o{number}") for number in range(300)]
    bundle = "".join(each.cert_pem.bytes().decode() for each in authorities)
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    types = FileDescriptorSet(file=[service_file()]).SerializeToString()
    async with server, calling() as caller:
        caller.config_maps["shop/types"] = {"s.pb": types}
        ref = ConfigMapKeyRef(name="types", key="s.pb")
        before = resident_bytes()
        for each in range(channels):
            caller.secrets[f"shop/ca{each}"] = {"ca.crt": f"# {each}\n{bundle}".encode()}
            tls = Tls(ca_secret_ref=SecretKeyRef(name=f"ca{each}", key="ca.crt"))
            result = await caller(calling_it(address, ref=ref, tls=tls))
            assert result.reason is Reason.CONNECTION_ERROR
            caller.secrets.clear()
        assert settled_bytes() - before < CHANNELS_BYTES + SECRETS_BYTES + 16 * MIB


def open_channels_with_authorities() -> None:
    """Open channels with certificates that would take twice what they may."""
    asyncio.run(_open_channels(60))


async def _hold_answers() -> None:
    """Have many calls in flight whose long answers are to be matched and do not end."""

    async def stall(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(16):
            await exchange.send(b"x" * 65_000)
        await exchange.gone()

    async with calling(cap=RESPONSE_CAP_BYTES) as caller, target(stall) as server:
        expect = Expect(body_regex="nowhere")
        before = resident_bytes()
        calls = [
            caller(HttpCallback(url=server.url), expect=expect, timeout_seconds=2)
            for _ in range(100)
        ]
        results = await asyncio.gather(*calls)
        assert {result.reason for result in results} == {Reason.TIMEOUT}
        assert peak_bytes() - before < 64 * MIB


def hold_long_answers() -> None:
    """Hold the answers of many calls."""
    asyncio.run(_hold_answers())


async def _keep_results() -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.answer(200, b"x" * 1_000_000)

    async with calling(cap=RESPONSE_CAP_BYTES) as caller, target(answer) as server:
        kept.extend([await caller(HttpCallback(url=server.url)) for _ in range(200)])


def keep_results() -> None:
    """Keep results, as the engine does until they are recorded."""
    asyncio.run(_keep_results())


@pytest.mark.parametrize(
    ("work", "bound"),
    [
        (answer_with_charsets, 10 * MIB),
        (answer_with_trailers, 10 * MIB),
        (hold_long_answers, 10 * MIB),
        (keep_results, 10 * MIB),
        (prepare_large_bodies, PREPARED_BYTES + 10 * MIB),
        (read_large_secrets, SECRETS_BYTES + 10 * MIB),
        (make_tls_contexts, CONTEXTS_BYTES + 10 * MIB),
        (open_channels_with_authorities, CHANNELS_BYTES + 16 * MIB),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_memory_is_bounded(work: Callable[[], None], bound: int) -> None:
    assert grown_bytes(work, warm_up=call_once) < bound

"""How a method is found: by reflection, or in a ConfigMap."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef, GrpcCallback, Header
from crontask_operator.callbacks.grpc import method_finder, reflection
from tests.support.grpc_targets import COMMON, ORDERS, SERVICE, descriptor_set, grpc_target
from tests.support.wait import eventually
from tests.unit.callbacks.calls import Caller

TYPES = ConfigMapKeyRef(name="types", key="orders.pb")


def calling_method(
    address: str,
    method: str = "Close",
    *,
    service: str = SERVICE,
    body: str = "",
    ref: ConfigMapKeyRef | None = None,
    metadata: tuple[Header, ...] = (),
) -> GrpcCallback:
    """Return a callback."""
    return GrpcCallback(
        address=address,
        service=service,
        method=method,
        body=body,
        descriptor_set_ref=ref,
        metadata=metadata,
    )


@pytest.mark.parametrize("versions", [("v1",), ("v1alpha",), ("v1", "v1alpha")])
async def test_both_versions_of_reflection_are_understood(
    caller: Caller, versions: tuple[str, ...]
) -> None:
    async with grpc_target(versions=versions) as server:
        result = await caller(calling_method(server.address, body='{"shopName": "x"}'))
        assert result.ok, result.error


async def test_imports_are_asked_for_save_those_of_protobuf_itself(caller: Caller) -> None:
    async with grpc_target(sparse=True) as server:
        body = '{"total": {"units": 1}, "due": "2026-03-01T12:00:00Z"}'
        result = await caller(calling_method(server.address, body=body))
        assert result.ok, result.error
        assert server.reflections == [SERVICE, "shop/v1/common.proto"]


async def test_a_server_that_keeps_an_import_to_itself_is_told(caller: Caller) -> None:
    orders = ORDERS.replace("shop/v1/common.proto", "google/shop/common.proto")
    common = COMMON.replace("shop/v1/common.proto", "google/shop/common.proto")
    async with grpc_target(sparse=True, sources=(common, orders)) as server:
        result = await caller(calling_method(server.address))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error == (
            "the server's reflection cannot be used: it does not give the file "
            "'google/shop/common.proto', which others import"
        )


async def test_a_server_without_reflection_is_told_what_to_do(caller: Caller) -> None:
    async with grpc_target(versions=()) as server:
        result = await caller(calling_method(server.address))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error == (
            "the server offers no reflection (neither grpc.reflection.v1 nor v1alpha); "
            "enable it, or set spec.callback.grpc.descriptorSetRef"
        )


async def test_a_reflection_that_does_not_answer_is_told(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reflection, "REFLECTION_SECONDS", 0.2)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            while await reader.read(1024):
                pass

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await caller(calling_method(f"127.0.0.1:{port}"))
        assert result.reason is Reason.TIMEOUT
        assert result.error == "no answer of the server's reflection within 0.2 s"


async def test_an_unknown_service_is_told_with_those_there_are(caller: Caller) -> None:
    async with grpc_target(versions=("v1",)) as server:
        result = await caller(calling_method(server.address, service="shop.v2.Orders"))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error == (
            "spec.callback.grpc.service: the server has no service 'shop.v2.Orders'; "
            "it has: grpc.reflection.v1.ServerReflection, shop.v1.Orders"
        )


async def test_an_unknown_method_is_told_with_those_there_are(caller: Caller) -> None:
    async with grpc_target() as server:
        result = await caller(calling_method(server.address, "Open"))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error == (
            "spec.callback.grpc.method: shop.v1.Orders has no method 'Open'; "
            "it has: Close, Forgotten, Upload, Watch"
        )


@pytest.mark.parametrize(("method", "side"), [("Watch", "replies"), ("Upload", "requests")])
async def test_a_streaming_method_is_refused(caller: Caller, method: str, side: str) -> None:
    async with grpc_target() as server:
        result = await caller(calling_method(server.address, method))
        assert result.reason is Reason.INVALID_REQUEST
        assert f"shop.v1.Orders.{method} streams its {side}" in result.error


async def test_a_server_is_asked_once(caller: Caller) -> None:
    async with grpc_target() as server:
        for _ in range(3):
            assert (await caller(calling_method(server.address))).ok
        assert server.reflections == [SERVICE]


async def test_reflection_gets_the_metadata_of_the_call(caller: Caller) -> None:
    # Or a server that lets nobody in without a token could not be described.
    async with grpc_target() as server:
        for tenant in ("a", "b", "a"):
            metadata = (Header(name="tenant", value=tenant),)
            assert (await caller(calling_method(server.address, metadata=metadata))).ok
        assert len(server.reflections) == 2


async def test_a_method_that_is_gone_makes_the_server_be_asked_again(caller: Caller) -> None:
    async with grpc_target() as server:
        for _ in range(2):
            result = await caller(calling_method(server.address, "Forgotten"))
            assert (result.reason, result.code) == (Reason.GRPC_ERROR, 12)
        assert server.reflections == [SERVICE, SERVICE]


RENAMED = ORDERS.replace('name: "shop_name"', 'name: "branch_name"')


async def test_a_body_that_does_not_fit_makes_the_server_be_asked_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(method_finder, "FRESH_SECONDS", 0.0)
    async with grpc_target() as old:
        assert (await caller(calling_method(old.address, body='{"shopName": "x"}'))).ok
    async with grpc_target(sources=(COMMON, RENAMED), port=old.port) as new:

        async def understood() -> bool:
            result = await caller(calling_method(new.address, body='{"branchName": "x"}'))
            # gRPC needs a moment to see that the server is there again.
            assert result.ok or result.reason is Reason.CONNECTION_ERROR, result.error
            return result.ok

        predicate: Callable[[], bool | Awaitable[bool]] = understood
        await eventually(predicate)
        assert new.reflections == [SERVICE]


async def test_a_server_that_was_just_asked_is_not_asked_again(caller: Caller) -> None:
    async with grpc_target() as server:
        for _ in range(3):
            result = await caller(calling_method(server.address, body='{"x": 1}'))
            assert result.reason is Reason.INVALID_REQUEST
        assert server.reflections == [SERVICE]


class TestConfigMap:
    """Descriptors that the server does not give."""

    async def test_a_descriptor_set_takes_the_place_of_reflection(self, caller: Caller) -> None:
        caller.config_maps["shop/types"] = {"orders.pb": descriptor_set(ORDERS, COMMON)}
        async with grpc_target(versions=()) as server:
            callback = calling_method(server.address, body='{"shopName": "x"}', ref=TYPES)
            result = await caller(callback)
            assert result.ok, result.error
            assert len(server.calls) == 1

    @pytest.mark.parametrize(
        ("data", "error"),
        [
            (None, "ConfigMap shop/types does not exist"),
            ({}, "there is no key 'orders.pb' of ConfigMap shop/types in binaryData"),
            ({"orders.pb": b"\xff\xff"}, "is no FileDescriptorSet"),
            (
                {"orders.pb": descriptor_set(ORDERS)},
                "lacks the imported file 'shop/v1/common.proto'; make it with --include_imports",
            ),
            ({"orders.pb": descriptor_set(COMMON)}, "the descriptors have no service"),
        ],
        ids=["no config map", "no key", "garbage", "no imports", "no service"],
    )
    async def test_one_that_cannot_be_used_is_told(
        self, caller: Caller, data: dict[str, bytes] | None, error: str
    ) -> None:
        if data is not None:
            caller.config_maps["shop/types"] = data
        async with grpc_target() as server:
            result = await caller(calling_method(server.address, ref=TYPES))
            assert result.reason is Reason.INVALID_REQUEST
            assert error in result.error
            assert (server.calls, server.reflections) == ([], [])

    async def test_a_body_that_does_not_fit_does_not_ask_the_server(self, caller: Caller) -> None:
        caller.config_maps["shop/types"] = {"orders.pb": descriptor_set(COMMON, ORDERS)}
        async with grpc_target() as server:
            result = await caller(calling_method(server.address, body='{"x": 1}', ref=TYPES))
            assert result.reason is Reason.INVALID_REQUEST
            assert server.reflections == []

"""What a spec adds to a gRPC call, and what a server may do with it."""

import grpc
import pytest
from google.protobuf.message import Message

from crontask_core.enums import Reason
from crontask_core.spec import Header, SecretKeyRef
from tests.support.grpc_targets import Call, grpc_target
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.grpc_calls import close_orders

TOKEN_REF = SecretKeyRef(name="shop-token", key="value")


class TestMetadata:
    """What a spec adds to a call."""

    async def test_values_come_from_the_spec_and_from_secrets(self, caller: Caller) -> None:
        caller.secrets["shop/shop-token"] = {"value": b"Bearer s3cr3t\n"}
        metadata = (
            Header(name="tenant", value="seven"),
            Header(name="authorization", secret_key_ref=TOKEN_REF),
        )
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            assert result.ok, result.error
            assert server.calls[0].metadata["tenant"] == "seven"
            assert server.calls[0].metadata["authorization"] == "Bearer s3cr3t"

    async def test_a_missing_secret_is_told(self, caller: Caller) -> None:
        metadata = (Header(name="authorization", secret_key_ref=TOKEN_REF),)
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            assert result.reason is Reason.SECRET_UNAVAILABLE
            assert result.error == "Secret shop/shop-token does not exist"
            assert server.reflections == []

    @pytest.mark.parametrize("fails", [False, True])
    async def test_a_server_cannot_make_a_record_tell_a_secret(
        self, caller: Caller, fails: bool
    ) -> None:
        caller.secrets["shop/shop-token"] = {"value": b'Bearer s3cr3t"x'}

        async def echo(call: Call) -> Message:
            if fails:
                details = call.metadata["authorization"]
                await call.context.abort(grpc.StatusCode.INVALID_ARGUMENT, details)
            return call.reply(note=call.metadata["authorization"])

        metadata = (Header(name="authorization", secret_key_ref=TOKEN_REF),)
        async with grpc_target(echo) as server:
            result = await caller(close_orders(server.address, metadata=metadata))
            told = result.error if fails else result.response
            assert "[redacted]" in told
            assert "s3cr3t" not in result.error + result.response

    @pytest.mark.parametrize(
        ("entry", "error"),
        [
            (Header(name="x-crontask-attempt", value="9"), "set by the operator"),
            (Header(name="idempotency-key", value="9"), "set by the operator"),
            (Header(name="x_crontask_attempt", value="9"), "set by the operator"),
            (Header(name="grpc-timeout", value="9S"), "set by gRPC"),
            (Header(name="te", value="x"), "set by gRPC"),
            (Header(name="data-bin", value="eA=="), "binary metadata is not supported"),
            (Header(name="bad key", value="x"), "expected a key of letters"),
            (Header(name="tenant", value="ü"), "printable ASCII"),
            (Header(name="tenant", value="a\r\nb"), "printable ASCII"),
        ],
    )
    async def test_an_entry_that_cannot_be_sent_is_refused(
        self, caller: Caller, entry: Header, error: str
    ) -> None:
        async with grpc_target() as server:
            result = await caller(close_orders(server.address, metadata=(entry,)))
            assert result.reason is Reason.INVALID_REQUEST
            assert result.error.startswith("spec.callback.grpc.metadata[0]")
            assert error in result.error
            assert server.calls == []

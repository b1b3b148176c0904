"""Bodies and metadata that are much work, or that cannot be sent."""

import pytest
from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
)

from crontask_core.enums import Reason
from crontask_core.spec import Header, SecretKeyRef
from tests.support.hostile_grpc import (
    answer_files,
    hostile_server,
    service_file,
)
from tests.support.loop_pauses import measured_pauses
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.hostile_calls import (
    PAUSE_SECONDS,
    calling_it,
    file_with,
    outcome,
    wide_file,
)


class TestBodies:
    """Bodies that are much work, or that no message can hold."""

    @pytest.mark.parametrize(
        ("file", "body", "problem"),
        [
            (file_with(".A"), '{"f1":[' + "{}," * 87_000 + "{}]}", "more than 40000 values"),
            (file_with("TYPE_INT32"), '{"f1":[' + "0," * 120_000 + "0]}", "more than 40000 values"),
            (wide_file(), '{"f1":[' + "{}," * 3000 + "{}]}", "may take more than 16384 KiB"),
            (file_with(".A"), '{"f1":[' * 10_000, "maximum recursion depth"),
            (file_with(".A"), '{"f1":[' * 200 + "]}" * 200, "Message too deep"),
            (file_with("TYPE_STRING"), '{"f1": ["\\ud800"]}', "Unpaired surrogate"),
            (file_with("TYPE_INT32"), '{"f1": [' + "9" * 5000 + "]}", "Exceeds the limit"),
        ],
        ids=["empty", "numbers", "wide", "deep", "nested", "surrogate", "long number"],
    )
    async def test_one_that_is_too_much_is_refused(
        self, caller: Caller, file: FileDescriptorProto, body: str, problem: str
    ) -> None:
        result = await outcome(caller, answer_files([file]), body=body)
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.grpc.body: ")
        assert problem in result.error
        assert len(result.error.encode()) < 600

    async def test_commas_in_a_text_are_no_values(self, caller: Caller) -> None:
        body = '{"f1": ["' + ",[{" * 80_000 + '\\"", "' + "{" * 1000 + '"]}'
        result = await outcome(caller, answer_files([file_with("TYPE_STRING")]), body=body)
        assert result.ok, result.error

    @pytest.mark.parametrize("value", ["{}", '{"f1":[]}'])
    async def test_as_much_as_is_taken_does_not_keep_the_loop(
        self, caller: Caller, value: str
    ) -> None:
        count = 39_000 // (value.count("{") + value.count("[") + 1)
        body = '{"f1":[' + ",".join([value] * count) + "]}"
        result = await outcome(caller, answer_files([file_with(".A")]), body=body)
        assert result.ok, result.error

    async def test_a_required_field_that_is_missing_is_told(self, caller: Caller) -> None:
        file = service_file()
        file.syntax = "proto2"
        file.message_type[0].field.add(
            name="x", number=1, type="TYPE_INT32", label="LABEL_REQUIRED"
        )
        result = await outcome(caller, answer_files([file]), body="{}")
        assert result.reason is Reason.INVALID_REQUEST
        assert "missing required fields: x" in result.error


class TestSecretsAsMetadata:
    """Values of Secrets, whose size the author of a task does not see."""

    @pytest.mark.parametrize(
        ("size", "problem"),
        [(16 * 1024 + 1, "at most 16384 bytes, got 16385"), (200_000, "got 200000")],
    )
    async def test_a_value_that_is_too_long_is_refused(
        self, caller: Caller, size: int, problem: str
    ) -> None:
        caller.secrets["shop/token"] = {"value": b"s" * size}
        entry = Header(name="token", secret_key_ref=SecretKeyRef(name="token", key="value"))
        async with hostile_server(answer_files([service_file()])) as server:
            async with measured_pauses() as pauses:
                result = await caller(calling_it(server.address, metadata=(entry,)))
            assert (server.asked, server.calls) == ([], 0)
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.grpc.metadata[0]: expected a value")
        assert result.error.endswith(problem)
        assert pauses.longest < PAUSE_SECONDS

    async def test_all_values_together_are_bounded(self, caller: Caller) -> None:
        caller.secrets["shop/token"] = {"value": b"s" * (16 * 1024)}
        entries = tuple(
            Header(name=f"t{index}", secret_key_ref=SecretKeyRef(name="token", key="value"))
            for index in range(4)
        )
        async with hostile_server(answer_files([service_file()])) as server:
            result = await caller(calling_it(server.address, metadata=entries))
            assert (server.asked, server.calls) == ([], 0)
        assert result.reason is Reason.INVALID_REQUEST
        assert "names and values of at most 65536 bytes in all" in result.error

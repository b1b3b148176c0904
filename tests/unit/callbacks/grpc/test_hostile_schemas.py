"""Descriptors that would kill the process, or keep or fill it."""

from collections.abc import Sequence

import pytest
from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_reflection.v1alpha.reflection_pb2 import (
    ListServiceResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef
from tests.support.hostile_grpc import (
    SERVICE,
    Answer,
    answer_files,
    files_answer,
    hostile_server,
    not_found,
    service_file,
)
from tests.support.loop_pauses import measured_pauses
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.hostile_calls import (
    PAUSE_SECONDS,
    calling_it,
    outcome,
)

TYPES = ConfigMapKeyRef(name="types", key="s.pb")


def long_chain(question: ServerReflectionRequest) -> bytes:
    """Answer each file with one that imports another, for ever."""
    number = int(question.file_by_filename.removeprefix("f") or 0)
    file = FileDescriptorProto(name=f"f{number}", dependency=[f"f{number + 1}"])
    return files_answer(file.SerializeToString())


def many_services(question: ServerReflectionRequest) -> bytes:
    """Know no service, and tell of very many."""
    if question.file_containing_symbol:
        return not_found()
    services = ListServiceResponse()
    for _ in range(500_000):
        services.service.add()
    answer: bytes = ServerReflectionResponse(list_services_response=services).SerializeToString()
    return answer


def importing(name: str, *imports: str) -> FileDescriptorProto:
    """Return a file with imports; ``s.proto`` has the service that is called."""
    file = service_file() if name == "s.proto" else FileDescriptorProto(name=name)
    file.dependency.extend(imports)
    return file


CYCLES: Sequence[Sequence[FileDescriptorProto]] = (
    [importing("s.proto", "s.proto")],
    [importing("s.proto", "b"), importing("b", "s.proto")],
    [importing("s.proto", "f0"), *(importing(f"f{i}", f"f{i + 1}") for i in range(20_000))],
)
IDS = ("of one", "of two", "chain")


@pytest.mark.on_the_operators_loop
class TestSchemas:
    """Descriptors that would kill or fill the process."""

    @pytest.mark.parametrize("files", CYCLES, ids=IDS)
    async def test_a_config_map_with_a_cycle_is_refused(
        self, caller: Caller, files: Sequence[FileDescriptorProto]
    ) -> None:
        data = FileDescriptorSet(file=files).SerializeToString()
        caller.config_maps["shop/types"] = {"s.pb": data}
        async with hostile_server(answer_files([])) as server, measured_pauses() as pauses:
            result = await caller(calling_it(server.address, ref=TYPES))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith(
            "spec.callback.grpc.descriptorSetRef: key 's.pb' of ConfigMap shop/types is no "
            "FileDescriptorSet that can be used: the"
        )
        assert pauses.longest < PAUSE_SECONDS

    @pytest.mark.parametrize("files", CYCLES, ids=IDS)
    async def test_a_reflection_with_a_cycle_is_refused(
        self, caller: Caller, files: Sequence[FileDescriptorProto]
    ) -> None:
        result = await outcome(caller, answer_files(files))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("the server's reflection cannot be used: ")

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (long_chain, "there are more than 1000 files"),
            (answer_files([service_file(*(f"M{i}" for i in range(60_000)))]), "of memory"),
            (answer_files([b"\x22\x00" * 2_000_000]), "it holds more than 600000 values"),
            (answer_files([b"\x22\x09"]), "a value is longer than what holds it"),
            (answer_files([importing("x")] * 20_000), "it holds more than 20000 values"),
            (many_services, "it holds more than 20000 values"),
            (lambda _: b"\xff", "it ends within a value"),
        ],
        ids=["endless", "60,000 messages", "empty", "garbage", "files", "services", "no answer"],
    )
    async def test_a_reflection_that_is_too_much_is_refused(
        self, caller: Caller, answer: Answer, problem: str
    ) -> None:
        result = await outcome(caller, answer)
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("the server's reflection cannot be used: ")
        assert problem in result.error

    async def test_what_was_refused_is_not_asked_for_again_at_once(self, caller: Caller) -> None:
        async with hostile_server(answer_files(CYCLES[0])) as server:
            for _ in range(3):
                result = await caller(calling_it(server.address))
                assert result.reason is Reason.INVALID_REQUEST
            assert server.asked == [SERVICE]

    async def test_a_schema_of_the_largest_size_does_not_keep_the_loop(
        self, caller: Caller
    ) -> None:
        file = service_file("A", *(f"M{index}" for index in range(1, 300)))
        for message in file.message_type:
            for number in range(1, 101):
                message.field.add(
                    name=f"field_{number}", number=number, type="TYPE_MESSAGE", type_name=".A"
                )
        result = await outcome(caller, answer_files([file]))
        assert result.ok, result.error

    async def test_types_that_refer_to_one_another_in_a_long_chain_are_told(
        self, caller: Caller
    ) -> None:
        file = service_file("A", *(f"M{index}" for index in range(1, 2000)))
        for index, message in enumerate(file.message_type[:-1]):
            message.field.add(
                name="next", number=1, type="TYPE_MESSAGE", type_name=f".M{index + 1}"
            )
        result = await outcome(caller, answer_files([file]))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error == "the types of S.Do cannot be used: it is nested too deep"

"""Secrets in what a gRPC server tells of itself, where a record cuts it."""

from collections.abc import Callable

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import (
    ListServiceResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
    ServiceResponse,
)

from crontask_core.enums import Reason
from crontask_core.spec import Header, SecretKeyRef
from crontask_operator.callbacks.grpc.foreign import KEPT_CHARACTERS
from tests.support.hostile_grpc import (
    SERVICE,
    Answer,
    files_answer,
    hostile_server,
    not_found,
    service_file,
)
from tests.unit.callbacks.calls import Caller
from tests.unit.callbacks.grpc.hostile_calls import calling_it

SECRET = "hunter2-crown-jewel-" + "0123456789abcdef" * 4
KEY = Header(name="x-key", secret_key_ref=SecretKeyRef(name="key", key="key"))


def services(name: str) -> Answer:
    """Return what lists one service, of a `name` that holds what the server was sent."""

    def answer(request: ServerReflectionRequest) -> bytes:
        if not request.HasField("list_services"):
            return not_found()
        listed = ListServiceResponse(service=[ServiceResponse(name=name)])
        data: bytes = ServerReflectionResponse(list_services_response=listed).SerializeToString()
        return data

    return answer


def imports(name: str) -> Answer:
    """Return what gives one file, which imports one called `name`."""
    file = service_file()
    file.dependency.append(name)

    def answer(request: ServerReflectionRequest) -> bytes:
        asked = request.file_containing_symbol == SERVICE
        return files_answer(file.SerializeToString()) if asked else not_found()

    return answer


def cannot_be_built(name: str) -> Answer:
    """Return what gives a file that protobuf refuses, with `name` in its words."""
    file = FileDescriptorProto.FromString(service_file().SerializeToString())
    file.message_type[0].field.add(name="f", number=1, type="TYPE_MESSAGE", type_name=f".{name}")
    return lambda _: files_answer(file.SerializeToString())


async def error_of(caller: Caller, answer: Answer, value: str) -> str:
    """Return the error of a call with the Secret `value`."""
    caller.secrets["shop/key"] = {"key": value.encode()}
    async with hostile_server(answer) as server:
        result = await caller(calling_it(server.address, metadata=(KEY,)))
    assert result.reason is Reason.INVALID_REQUEST
    return result.error


@pytest.mark.parametrize("tells", [services, imports, cannot_be_built])
@pytest.mark.parametrize("before", [*range(360, 480, 20), KEPT_CHARACTERS - 120])
async def test_no_part_of_a_secret_is_left_where_a_text_is_cut(
    caller: Caller, tells: Callable[[str], Answer], before: int
) -> None:
    error = await error_of(caller, tells("a" * before + SECRET), SECRET)
    assert "hunter2" not in error
    assert len(error.encode()) <= 500


@pytest.mark.parametrize("tells", [services, imports])
async def test_neither_is_one_that_is_longer_than_what_is_kept(
    caller: Caller, tells: Callable[[str], Answer]
) -> None:
    value = SECRET + "b" * KEPT_CHARACTERS
    assert "hunter2" not in await error_of(caller, tells(value), value)


async def test_neither_is_one_with_several_blanks(caller: Caller) -> None:
    value = "hunter2  and  more"
    assert "hunter2" not in await error_of(caller, services(value), value)

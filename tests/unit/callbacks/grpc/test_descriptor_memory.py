"""How much memory the descriptors of hostile servers take, measured in a process of its own."""

import asyncio
from dataclasses import replace

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest

from crontask_core.enums import Reason
from tests.support.hostile_grpc import (
    Answer,
    answer_files,
    delimited,
    files_answer,
    hostile_server,
    service_file,
)
from tests.support.memory import grown_bytes, resident_bytes, settled_bytes
from tests.unit.callbacks.calls import attempt_of, calling
from tests.unit.callbacks.grpc.hostile_calls import calling_it

MIB = 1024 * 1024


async def call(answer: Answer, *, times: int = 1, expected: Reason) -> None:
    """Call a hostile server for as many namespaces."""
    async with calling() as caller, hostile_server(answer) as server:
        for number in range(times):
            attempt = replace(attempt_of(calling_it(server.address)), namespace=f"team-{number}")
            result = await caller.client.call(attempt)
            assert result.reason is expected, result.error


def large_file(fields: int = 40_000) -> FileDescriptorProto:
    """Return a file which takes about as much as is allowed."""
    file = service_file("A", *(f"M{index}" for index in range(1, fields // 100)))
    for message in file.message_type:
        for number in range(1, 101):
            message.field.add(name=f"f{number}", number=number, type="TYPE_INT32")
    return file


def endless_imports(question: ServerReflectionRequest) -> bytes:
    """Answer each file with one of 3 MB that imports another, for ever."""
    number = int(question.file_by_filename.removeprefix("f") or 0)
    file = FileDescriptorProto(name=f"f{number}", dependency=[f"f{number + 1}"])
    return files_answer(file.SerializeToString() + delimited(1000, b"x" * 3_000_000))


def first_call() -> None:
    """Load and make what every call needs."""
    asyncio.run(call(answer_files([large_file(2000)]), times=4, expected=Reason.OK))


def sixty_thousand_messages() -> None:
    """Be told of 60,000 messages, which would take 83 MB, for four namespaces."""
    file = service_file(*(f"M{index}" for index in range(60_000)))
    asyncio.run(call(answer_files([file]), times=4, expected=Reason.INVALID_REQUEST))


def imports_without_an_end() -> None:
    """Be told of ever more files."""
    asyncio.run(call(endless_imports, expected=Reason.INVALID_REQUEST))


def kept_schemas() -> None:
    """Fail if 12 large schemas, 250 MB in all, are kept beyond the bound of 64 MiB."""

    async def measured() -> None:
        file = answer_files([large_file()])
        async with calling() as caller, hostile_server(file) as server:
            before, most = settled_bytes(), 0
            for number in range(12):
                attempt = attempt_of(calling_it(server.address))
                attempt = replace(attempt, namespace=f"team-{number}")
                assert (await caller.client.call(attempt)).ok
                most = max(most, resident_bytes() - before)
            assert most < 200 * MIB, f"{most / MIB:.0f} MiB at most"
            kept = settled_bytes() - before
            assert kept < 100 * MIB, f"{kept / MIB:.0f} MiB are kept"

    asyncio.run(measured())


def test_a_server_with_very_many_messages_takes_no_memory() -> None:
    assert grown_bytes(sixty_thousand_messages, warm_up=first_call) < 24 * MIB


def test_imports_without_an_end_take_no_memory() -> None:
    assert grown_bytes(imports_without_an_end, warm_up=first_call) < 24 * MIB


def test_what_is_kept_of_all_namespaces_is_bounded() -> None:
    assert grown_bytes(kept_schemas, warm_up=first_call) < 48 * MIB

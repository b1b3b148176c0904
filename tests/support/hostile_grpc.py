"""hostile_grpc runs gRPC servers that answer in bytes, for tests of what a target may send.

What they say of themselves and what they reply is the test's, valid or not.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import grpc.aio
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    FileDescriptorResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
    Handler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE, METHOD = "S", "Do"

REFLECTION = "grpc.reflection.v1.ServerReflection"

Answer = Callable[[ServerReflectionRequest], bytes]


@dataclass
class HostileServer:
    """A running server. `asked` are the symbols and files that reflection was asked for."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    calls: int = 0


def service_file(
    *messages: str, name: str = "s.proto", syntax: str = "proto3"
) -> FileDescriptorProto:
    """Return a file with the service; its method takes and gives messages of type A.

    `messages` are added without fields, by default A.
    """
    file = FileDescriptorProto(name=name, syntax="proto3")
    for message in messages or ("A",):
        file.message_type.add(name=message)
    service = file.service.add(name=SERVICE)
    service.method.add(name=METHOD, input_type=".A", output_type=".A")
    return file


def add_field(file: FileDescriptorProto, number: int, type_name: str) -> None:
    """Add a field such as ``f1`` to the first message, a repeated one.

    `type_name` is that of a message, such as ``.A``, or one such as ``TYPE_INT32``.
    """
    added = file.message_type[0].field.add(name=f"f{number}", number=number)
    added.label = FieldDescriptorProto.LABEL_REPEATED
    if type_name.startswith("."):
        added.type = FieldDescriptorProto.TYPE_MESSAGE
        added.type_name = type_name
    else:
        added.type = FieldDescriptorProto.Type.Value(type_name)


def delimited(number: int, data: bytes) -> bytes:
    """Return a text, bytes, a message or packed numbers as they go over the wire."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def answer_files(files: Sequence[FileDescriptorProto | bytes]) -> Answer:
    """Return what answers every question with all `files`."""
    serialized = [file if isinstance(file, bytes) else file.SerializeToString() for file in files]
    answer = files_answer(*serialized)
    return lambda _: answer


def files_answer(*serialized: bytes) -> bytes:
    """Return an answer that holds files."""
    files = FileDescriptorResponse(file_descriptor_proto=serialized)
    answer: bytes = ServerReflectionResponse(file_descriptor_response=files).SerializeToString()
    return answer


def not_found() -> bytes:
    """Return the answer that a file or symbol is unknown."""
    error = ErrorResponse(error_code=5, error_message="not found")
    answer: bytes = ServerReflectionResponse(error_response=error).SerializeToString()
    return answer


@asynccontextmanager
async def hostile_server(reflect: Answer, reply: bytes = b"") -> AsyncIterator[HostileServer]:
    """Run a server that tells of itself by `reflect`, and replies to each call `reply`."""
    running = HostileServer()
    # Between its two limits a server refuses by chance.
    limits = [("grpc.max_metadata_size", 65536), ("grpc.absolute_max_metadata_size", 65536)]
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0), *limits])
    server.add_generic_rpc_handlers((_reflection(reflect, running), _service(reply, running)))
    port = server.add_insecure_port("127.0.0.1:0")
    running.address = f"127.0.0.1:{port}"
    await server.start()
    try:
        yield running
    finally:
        await server.stop(None)


def _reflection(reflect: Answer, running: HostileServer) -> "Handler":
    async def answer(requests: AsyncIterator[bytes], _: "Context") -> AsyncIterator[bytes]:
        async for data in requests:
            request = ServerReflectionRequest.FromString(data)
            running.asked.append(request.file_containing_symbol or request.file_by_filename)
            yield reflect(request)

    handler = grpc.stream_stream_rpc_method_handler(
        answer, request_deserializer=bytes, response_serializer=bytes
    )
    return grpc.method_handlers_generic_handler(REFLECTION, {"ServerReflectionInfo": handler})


def _service(reply: bytes, running: HostileServer) -> "Handler":
    async def call(request: bytes, context: "Context") -> bytes:
        running.calls += 1
        return reply

    handler = grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=bytes, response_serializer=bytes
    )
    return grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler})

"""gRPC targets for callbacks: real servers on loopback, of a service made at run time.

No code is generated: the messages are described here, once, as a server's own
descriptors would describe them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, text_format
from google.protobuf.descriptor_database import DescriptorDatabase
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha._async import ReflectionServicer
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    FileDescriptorResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from crontask_operator.callbacks.grpc.well_known import well_known_file
from tests.support.targets import Certificates

Context = grpc.aio.ServicerContext[Message, Message]

if TYPE_CHECKING:
    Handler = grpc.GenericRpcHandler[Message, Message]

SERVICE = "shop.v1.Orders"

COMMON = """
name: "shop/v1/common.proto" package: "shop.v1" syntax: "proto3"
message_type {
  name: "Money"
  field { name: "currency" number: 1 type: TYPE_STRING }
  field { name: "units" number: 2 type: TYPE_INT64 }
}
enum_type {
  name: "Kind"
  value { name: "KIND_UNKNOWN" number: 0 }
  value { name: "DAILY" number: 1 }
}
"""

ORDERS = """
name: "shop/v1/orders.proto" package: "shop.v1" syntax: "proto3"
dependency: "shop/v1/common.proto"
dependency: "google/protobuf/timestamp.proto"
message_type {
  name: "CloseRequest"
  field { name: "shop_name" number: 1 type: TYPE_STRING }
  field { name: "total" number: 2 type: TYPE_MESSAGE type_name: ".shop.v1.Money" }
  field { name: "due" number: 3 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" }
  field { name: "kind" number: 4 type: TYPE_ENUM type_name: ".shop.v1.Kind" }
  field { name: "tags" number: 5 type: TYPE_STRING label: LABEL_REPEATED }
}
message_type {
  name: "CloseReply"
  field { name: "order_count" number: 1 type: TYPE_INT32 }
  field { name: "note" number: 2 type: TYPE_STRING }
}
service {
  name: "Orders"
  method { name: "Close" input_type: "CloseRequest" output_type: "CloseReply" }
  method { name: "Forgotten" input_type: "CloseRequest" output_type: "CloseReply" }
  method {
    name: "Watch" input_type: "CloseRequest" output_type: "CloseReply" server_streaming: true
  }
  method {
    name: "Upload" input_type: "CloseRequest" output_type: "CloseReply" client_streaming: true
  }
}
"""


def files(*sources: str) -> list[descriptor_pb2.FileDescriptorProto]:
    """Return descriptors written as text."""
    return [text_format.Parse(text, descriptor_pb2.FileDescriptorProto()) for text in sources]


def descriptor_set(*sources: str) -> bytes:
    """Return a serialized FileDescriptorSet."""
    return descriptor_pb2.FileDescriptorSet(file=files(*sources)).SerializeToString()


@dataclass
class Call:
    """One call, as it arrived."""

    request: Message
    metadata: dict[str, str]
    peer: str
    context: Context
    """Of use only until the call is answered."""
    reply: Callable[..., Message]
    """Makes the reply message of its fields."""


Answer = Callable[[Call], Awaitable[Message]]


async def zero_orders(call: Call) -> Message:
    """Answer with an empty message."""
    return call.reply()


@dataclass
class GrpcTarget:
    """A running server."""

    address: str
    port: int
    calls: list[Call] = field(default_factory=list)
    reflections: list[str] = field(default_factory=list)
    """Symbols that reflection was asked for."""


@asynccontextmanager
async def grpc_target(
    answer: Answer = zero_orders,
    *,
    versions: tuple[str, ...] = ("v1", "v1alpha"),
    sparse: bool = False,
    sources: tuple[str, ...] = (COMMON, ORDERS),
    tls: tuple[Certificates, str] | None = None,
    port: int = 0,
    host: str = "127.0.0.1",
) -> AsyncIterator[GrpcTarget]:
    """Run a server that answers Close by `answer`.

    `versions` are those of reflection that it offers. A `sparse` one gives each file
    without its imports, and none of protobuf's own. `tls` is who certifies the server,
    and for which name.
    """
    pool = _pool(sources)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    running = GrpcTarget("", 0)
    server.add_generic_rpc_handlers((_orders(pool, answer, running),))
    for version in versions:
        server.add_generic_rpc_handlers((_reflection(pool, version, sparse, running),))
    if tls is None:
        running.port = server.add_insecure_port(f"{host}:{port}")
    else:
        authority, name = tls
        running.port = server.add_secure_port(f"{host}:{port}", _credentials(authority, name))
    running.address = f"{host}:{running.port}"
    await server.start()
    try:
        yield running
    finally:
        await server.stop(None)


def _pool(sources: tuple[str, ...]) -> DescriptorPool:
    timestamp = well_known_file("google/protobuf/timestamp.proto")
    assert timestamp is not None
    database = DescriptorDatabase()
    for file in (descriptor_pb2.FileDescriptorProto.FromString(timestamp), *files(*sources)):
        database.Add(file)
    return DescriptorPool(database)


def _orders(pool: DescriptorPool, answer: Answer, running: GrpcTarget) -> "Handler":
    request_type = GetMessageClass(pool.FindMessageTypeByName("shop.v1.CloseRequest"))
    reply_type = GetMessageClass(pool.FindMessageTypeByName("shop.v1.CloseReply"))

    async def close(request: Message, context: Context) -> Message:
        metadata = {key: str(value) for key, value in context.invocation_metadata() or ()}
        call = Call(request, metadata, context.peer(), context, reply_type)
        running.calls.append(call)
        return await answer(call)

    handler = grpc.unary_unary_rpc_method_handler(
        close,
        request_deserializer=request_type.FromString,
        response_serializer=reply_type.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(SERVICE, {"Close": handler})


def _reflection(pool: DescriptorPool, version: str, sparse: bool, running: GrpcTarget) -> "Handler":
    name = f"grpc.reflection.{version}.ServerReflection"
    servicer = ReflectionServicer((SERVICE, name), pool=pool)

    async def reflect(
        requests: AsyncIterator[ServerReflectionRequest], context: Context
    ) -> AsyncIterator[ServerReflectionResponse]:
        async def noted() -> AsyncIterator[ServerReflectionRequest]:
            async for request in requests:
                running.reflections.append(
                    request.file_containing_symbol or request.file_by_filename
                )
                yield request

        if sparse:
            async for request in noted():
                yield _one_file(pool, request)
        else:
            async for reply in servicer.ServerReflectionInfo(noted(), context):
                yield reply

    handler = grpc.stream_stream_rpc_method_handler(
        reflect,
        request_deserializer=ServerReflectionRequest.FromString,
        response_serializer=ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler})


def _one_file(pool: DescriptorPool, request: ServerReflectionRequest) -> ServerReflectionResponse:
    if request.file_by_filename.startswith("google/"):
        return ServerReflectionResponse(error_response=ErrorResponse(error_code=5))
    if request.file_containing_symbol:
        file = pool.FindFileContainingSymbol(request.file_containing_symbol)
    else:
        file = pool.FindFileByName(request.file_by_filename)
    return ServerReflectionResponse(
        file_descriptor_response=FileDescriptorResponse(file_descriptor_proto=[file.serialized_pb])
    )


def _credentials(authority: Certificates, name: str) -> grpc.ServerCredentials:
    leaf = authority.authority.issue_cert(name)
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    return grpc.ssl_server_credentials([(leaf.private_key_pem.bytes(), chain)])

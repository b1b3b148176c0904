"""Asking a server for its descriptors (gRPC server reflection, v1 and v1alpha).

The two versions differ in nothing but the name of the service. Most servers offer one
of them, so v1 is asked first and v1alpha when it is not implemented.
"""

import asyncio
from contextlib import suppress
from typing import Final

import grpc
import grpc.aio
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from crontask_core.enums import Reason
from crontask_operator.callbacks.descriptors import missing_imports, well_known_file
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.grpc_metadata import Metadata

Stream = grpc.aio.StreamStreamCall[ServerReflectionRequest, ServerReflectionResponse]

METHODS: Final = (
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)

REFLECTION_SECONDS: Final = 10.0
"""Deadline of one reflection. It is shared by all who wait for it, so it cannot be the
timeout of one of them."""

MAX_FILES: Final = 1000
"""Files that one service may need. A server that names new ones for ever is stopped."""


async def service_files(
    channel: grpc.aio.Channel, service: str, metadata: Metadata
) -> list[FileDescriptorProto]:
    """Return the file that defines `service` and all that it imports.

    Raises
    ------
    CallError
        InvalidRequest if the server offers no reflection or not this service.
    grpc.aio.AioRpcError
        If the call itself fails.
    """
    for path in METHODS:
        try:
            return await _reflect(channel, path, service, metadata)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
    raise CallError(
        Reason.INVALID_REQUEST,
        "the server offers no reflection (neither grpc.reflection.v1 nor v1alpha); enable it, "
        "or set spec.callback.grpc.descriptorSetRef",
    )


async def _reflect(
    channel: grpc.aio.Channel, path: str, service: str, metadata: Metadata
) -> list[FileDescriptorProto]:
    open_stream = channel.stream_stream(
        path,
        request_serializer=ServerReflectionRequest.SerializeToString,
        response_deserializer=ServerReflectionResponse.FromString,
    )
    call = open_stream(None, timeout=REFLECTION_SECONDS, metadata=metadata)
    try:
        reply = await _ask(call, ServerReflectionRequest(file_containing_symbol=service))
        if reply.HasField("error_response"):
            raise await _unknown_service(call, service)
        files: dict[str, FileDescriptorProto] = {}
        _add(files, reply)
        while missing := missing_imports(files.values()):
            for name in missing:
                known = well_known_file(name)
                if known is not None:
                    files[name] = known
                    continue
                reply = await _ask(call, ServerReflectionRequest(file_by_filename=name))
                _add(files, reply)
                if name not in files or len(files) > MAX_FILES:
                    raise _unusable(f"it does not give the file {name!r}, which others import")
        return list(files.values())
    finally:
        call.cancel()


async def _ask(call: Stream, request: ServerReflectionRequest) -> ServerReflectionResponse:
    # If the call has ended already, reading tells why.
    with suppress(asyncio.InvalidStateError):
        await call.write(request)
    reply = await call.read()
    if isinstance(reply, ServerReflectionResponse):
        return reply
    raise _unusable("it ended the call early")


def _add(files: dict[str, FileDescriptorProto], reply: ServerReflectionResponse) -> None:
    for serialized in reply.file_descriptor_response.file_descriptor_proto:
        try:
            file = FileDescriptorProto.FromString(serialized)
        except DecodeError as error:
            raise _unusable("it sent a file that does not parse") from error
        files.setdefault(file.name, file)


async def _unknown_service(call: Stream, service: str) -> CallError:
    reply = await _ask(call, ServerReflectionRequest(list_services=""))
    offered = ", ".join(sorted(item.name for item in reply.list_services_response.service))
    return CallError(
        Reason.INVALID_REQUEST,
        f"spec.callback.grpc.service: the server has no service {service!r}; "
        f"it has: {offered or 'none'}",
    )


def _unusable(why: str) -> CallError:
    return CallError(Reason.INVALID_REQUEST, f"the server's reflection cannot be used: {why}")

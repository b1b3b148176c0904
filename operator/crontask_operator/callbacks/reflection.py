"""Asking a server for its descriptors (gRPC server reflection, v1 and v1alpha).

The two versions differ in nothing but the name of the service. Most servers offer one
of them, so v1 is asked first and v1alpha when it is not implemented.
"""

import asyncio
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
        InvalidRequest if the server offers no reflection or not this service; Timeout if
        it takes longer than `REFLECTION_SECONDS`.
    grpc.aio.AioRpcError
        If the call itself fails.
    """
    try:
        async with asyncio.timeout(REFLECTION_SECONDS):
            for path in METHODS:
                try:
                    return await _files(_Reflection(channel, path, metadata), service)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                        raise
    except TimeoutError as error:
        raise CallError(
            Reason.TIMEOUT, f"no answer of the server's reflection within {REFLECTION_SECONDS:g} s"
        ) from error
    raise CallError(
        Reason.INVALID_REQUEST,
        "the server offers no reflection (neither grpc.reflection.v1 nor v1alpha); enable it, "
        "or set spec.callback.grpc.descriptorSetRef",
    )


class _Reflection:
    """One version of a server's reflection.

    The method takes a stream of questions. Asking one at a time, as if it were unary, is
    the same on the wire, and spares a race in grpcio: a stream that the server refuses
    while it is written to ends as INTERNAL instead of UNIMPLEMENTED.
    """

    def __init__(self, channel: grpc.aio.Channel, path: str, metadata: Metadata) -> None:
        self._method = channel.unary_unary(
            path,
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
        self._metadata = metadata

    async def ask(self, question: ServerReflectionRequest) -> ServerReflectionResponse:
        """Return the answer to `question`."""
        answer: ServerReflectionResponse = await self._method(question, metadata=self._metadata)
        return answer


async def _files(reflection: _Reflection, service: str) -> list[FileDescriptorProto]:
    answer = await reflection.ask(ServerReflectionRequest(file_containing_symbol=service))
    if answer.HasField("error_response"):
        raise await _unknown_service(reflection, service)
    files: dict[str, FileDescriptorProto] = {}
    _add(files, answer)
    while missing := missing_imports(files.values()):
        for name in missing:
            known = well_known_file(name)
            if known is not None:
                files[name] = known
                continue
            _add(files, await reflection.ask(ServerReflectionRequest(file_by_filename=name)))
            if name not in files or len(files) > MAX_FILES:
                raise _unusable(f"it does not give the file {name!r}, which others import")
    return list(files.values())


def _add(files: dict[str, FileDescriptorProto], answer: ServerReflectionResponse) -> None:
    for serialized in answer.file_descriptor_response.file_descriptor_proto:
        try:
            file = FileDescriptorProto.FromString(serialized)
        except DecodeError as error:
            raise _unusable("it sent a file that does not parse") from error
        files.setdefault(file.name, file)


async def _unknown_service(reflection: _Reflection, service: str) -> CallError:
    answer = await reflection.ask(ServerReflectionRequest(list_services=""))
    offered = ", ".join(sorted(item.name for item in answer.list_services_response.service))
    return CallError(
        Reason.INVALID_REQUEST,
        f"spec.callback.grpc.service: the server has no service {service!r}; "
        f"it has: {offered or 'none'}",
    )


def _unusable(why: str) -> CallError:
    return CallError(Reason.INVALID_REQUEST, f"the server's reflection cannot be used: {why}")

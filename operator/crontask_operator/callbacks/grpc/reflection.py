"""reflection asks a server for its descriptors (v1 and v1alpha), for `MethodFinder`.

The two versions differ in nothing but the name of the service. Most servers offer one
of them, so v1 is asked first and v1alpha when it is not implemented.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeVar

import grpc
import grpc.aio
from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.grpc.channel_widths import REFLECTION_SERVICES
from crontask_operator.callbacks.grpc.descriptor_files import DescriptorFiles
from crontask_operator.callbacks.grpc.foreign import ForeignError, foreign, kept, listed
from crontask_operator.callbacks.grpc.metadata import Metadata
from crontask_operator.callbacks.grpc.schema import Schema
from crontask_operator.callbacks.grpc.wire_meter import (
    MalformedError,
    TooCostlyError,
    WireBounds,
    WireMeter,
)

METHODS: Final = tuple(f"/{service}/ServerReflectionInfo" for service in REFLECTION_SERVICES)

REFLECTION_SECONDS: Final = 10.0
"""Deadline of one reflection. It is shared by all who wait for it, so it cannot be the
timeout of one of them."""

ANSWER_BOUNDS: Final = WireBounds(effort=20_000, memory=4 * 1024 * 1024)
"""What an answer may hold: files, or the names of services."""

_METER: Final = WireMeter(descriptor_pool.Default())

Result = TypeVar("Result")


class Aside(Protocol):
    """Does work off the event loop."""

    async def __call__(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises."""


async def reflect(
    channel: grpc.aio.Channel, service: str, metadata: Metadata, aside: Aside
) -> Schema:
    """Return the types of the file that defines `service` and of all that it imports.

    `aside` does work off the event loop.

    Raises
    ------
    CallError
        InvalidRequest if the server offers no reflection or not this service, or if what
        it tells cannot be used; Timeout if it takes longer than `REFLECTION_SECONDS`.
    grpc.aio.AioRpcError
        If the call itself fails.
    """
    try:
        async with asyncio.timeout(REFLECTION_SECONDS):
            for path in METHODS:
                try:
                    return await _schema(_Reflection(channel, path, metadata), service, aside)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                        raise
    except TimeoutError as error:
        raise CallError(
            Reason.TIMEOUT, f"no answer of the server's reflection within {REFLECTION_SECONDS:g} s"
        ) from error
    except ForeignError as error:
        raise CallError(
            Reason.INVALID_REQUEST, f"the server's reflection cannot be used: {error}"
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
            response_deserializer=bytes,
        )
        self._metadata = metadata

    async def ask(self, question: ServerReflectionRequest) -> ServerReflectionResponse:
        """Return the answer to `question`."""
        data: bytes = await self._method(question, metadata=self._metadata)
        try:
            _METER.check(data, ServerReflectionResponse.DESCRIPTOR, ANSWER_BOUNDS)
        except (MalformedError, TooCostlyError) as error:
            raise ForeignError(str(error)) from None
        with foreign():
            answer: ServerReflectionResponse = ServerReflectionResponse.FromString(data)
        return answer


async def _schema(reflection: _Reflection, service: str, aside: Aside) -> Schema:
    answer = await reflection.ask(ServerReflectionRequest(file_containing_symbol=service))
    if answer.HasField("error_response"):
        raise await _unknown_service(reflection, service)
    files = DescriptorFiles()
    await aside(partial(_add, files, answer))
    for name in files.missing():
        answer = await reflection.ask(ServerReflectionRequest(file_by_filename=name))
        await aside(partial(_add, files, answer))
        if name not in files:
            raise ForeignError(kept(f"it does not give the file {name!r}, which others import"))
    return await aside(partial(Schema, files))


def _add(files: DescriptorFiles, answer: ServerReflectionResponse) -> None:
    for serialized in answer.file_descriptor_response.file_descriptor_proto:
        files.add(serialized)


async def _unknown_service(reflection: _Reflection, service: str) -> CallError:
    answer = await reflection.ask(ServerReflectionRequest(list_services=""))
    offered = listed([item.name for item in answer.list_services_response.service])
    return CallError(
        Reason.INVALID_REQUEST,
        f"spec.callback.grpc.service: the server has no service {service!r}; it has: {offered}",
    )

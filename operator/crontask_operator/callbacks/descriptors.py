"""Protobuf descriptors at run time: finding a method, and its messages as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf import (
    any_pb2,
    api_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    json_format,
    source_context_pb2,
    struct_pb2,
    timestamp_pb2,
    type_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import (
    Descriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_database import DescriptorDatabase
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError

WELL_KNOWN: Final[Mapping[str, FileDescriptor]] = {
    module.DESCRIPTOR.name: module.DESCRIPTOR
    for module in (
        any_pb2,
        api_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        source_context_pb2,
        struct_pb2,
        timestamp_pb2,
        type_pb2,
        wrappers_pb2,
    )
}
"""Files that come with protobuf itself and that servers and descriptor sets leave out."""


@dataclass(frozen=True, slots=True)
class Method:
    """A unary method and the means to speak it in JSON."""

    path: str
    pool: DescriptorPool
    input_type: type[Message]
    output_type: type[Message]

    def parse(self, body: str) -> Message:
        """Return the request message that `body` describes; empty is an empty message.

        Raises
        ------
        json_format.ParseError
            If `body` is no JSON, or does not fit the message; it names the field.
        """
        message = self.input_type()
        if body.strip():
            json_format.Parse(body, message, descriptor_pool=self.pool)
        return message

    def to_json(self, message: Message) -> str:
        """Return `message` in the standard JSON mapping, on one line."""
        return json_format.MessageToJson(
            message, indent=None, ensure_ascii=False, descriptor_pool=self.pool
        )


def build_pool(files: Iterable[FileDescriptorProto]) -> DescriptorPool:
    """Return a pool of `files`, in whatever order they come."""
    database = DescriptorDatabase()
    for file in files:
        database.Add(file)
    return DescriptorPool(database)


def missing_imports(files: Iterable[FileDescriptorProto]) -> list[str]:
    """Return the names of files that are imported but not among `files`."""
    known = list(files)
    present = {file.name for file in known}
    wanted = {name for file in known for name in file.dependency}
    return sorted(wanted - present)


def well_known_file(name: str) -> FileDescriptorProto | None:
    """Return a file of protobuf itself, or None if `name` is not one of them."""
    descriptor = WELL_KNOWN.get(name)
    if descriptor is None:
        return None
    file = FileDescriptorProto()
    descriptor.CopyToProto(file)
    return file


def find_service(pool: DescriptorPool, name: str) -> ServiceDescriptor | None:
    """Return the service called `name`, package included, or None."""
    try:
        return pool.FindServiceByName(name)
    except KeyError:
        return None


def find_method(pool: DescriptorPool, service: ServiceDescriptor, name: str) -> Method:
    """Return the method of `service` called `name`.

    Raises
    ------
    CallError
        InvalidRequest if there is none, with those that there are, or if it streams.
    """
    descriptor = service.methods_by_name.get(name)
    if descriptor is None:
        offered = ", ".join(sorted(service.methods_by_name)) or "none"
        raise CallError(
            Reason.INVALID_REQUEST,
            f"spec.callback.grpc.method: {service.full_name} has no method {name!r}; "
            f"it has: {offered}",
        )
    if streaming := _streaming(descriptor):
        raise CallError(
            Reason.INVALID_REQUEST,
            f"spec.callback.grpc.method: expected a unary method, and "
            f"{descriptor.full_name} streams its {streaming}",
        )
    return Method(
        path=f"/{service.full_name}/{name}",
        pool=pool,
        input_type=_message_type(descriptor.input_type),
        output_type=_message_type(descriptor.output_type),
    )


def _streaming(method: MethodDescriptor) -> str:
    sides = []
    if method.client_streaming:
        sides.append("requests")
    if method.server_streaming:
        sides.append("replies")
    return " and ".join(sides)


def _message_type(descriptor: Descriptor) -> type[Message]:
    return GetMessageClass(descriptor)

"""well_known has protobuf's own files, for servers and descriptor sets that omit them."""

from collections.abc import Mapping
from typing import Final

from google.protobuf import (
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
from google.protobuf.descriptor import FileDescriptor

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
"""By name, such as ``google/protobuf/timestamp.proto``."""

PACKAGE: Final = "google.protobuf."

_HOMES: Final[Mapping[str, str]] = {
    PACKAGE + name: file.name
    for file in WELL_KNOWN.values()
    for name in (*file.message_types_by_name, *file.enum_types_by_name)
}


def well_known_file(name: str) -> bytes | None:
    """Return a file of protobuf itself, serialized, or None if `name` is not one of them."""
    descriptor = WELL_KNOWN.get(name)
    return None if descriptor is None else descriptor.serialized_pb


def home_of(type_name: str) -> str | None:
    """Return the file that defines a type such as ``.google.protobuf.Timestamp``, or None."""
    name = type_name.removeprefix(".")
    home = _HOMES.get(name)
    while home is None and name.startswith(PACKAGE) and name.count(".") > 2:
        name = name.rpartition(".")[0]
        home = _HOMES.get(name)
    return home

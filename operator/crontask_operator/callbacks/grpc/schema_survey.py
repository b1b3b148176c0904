"""survey counts what a file of descriptors defines, for bounds on what it becomes."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from crontask_operator.callbacks.grpc.foreign import ForeignError, kept
from crontask_operator.callbacks.grpc.well_known import PACKAGE

FILE_BYTES: Final = 1024
TYPE_BYTES: Final = 2048
MEMBER_BYTES: Final = 512
"""Memory of a file, a message or enum with its class in Python, and a field, value or
method. Measured with protobuf 7.36: 440, 600 to 700 and 1,200, and 120 to 410 bytes."""

BYTES_PER_BYTE: Final = 2
"""What the text of a file adds: options and defaults are kept, and copied once."""

MAX_SCHEMA_BYTES: Final = 24 * 1024 * 1024
"""Memory that a schema may take: some 40,000 fields, or 11,000 messages."""

MAX_NAME: Final = 255
"""Characters of a name, and of a package. Each full name is kept, with all that it lies
in, and each field's name is written for each value of a reply."""

MAX_FILE_NAME: Final = 1024

MAX_NESTING: Final = 32
"""Messages that are defined within one another."""


class Survey(NamedTuple):
    """What a file becomes: `memory` in bytes; `most_fields` of a message; `defines` and
    `uses` are types of protobuf's own package, by full names without a dot before them."""

    memory: int
    most_fields: int
    defines: frozenset[str]
    uses: frozenset[str]


def survey(file: FileDescriptorProto) -> Survey:
    """Return what `file` becomes.

    Raises
    ------
    ForeignError
        If names are too long or messages nested too deep.
    """
    return _Surveyor(file).survey()


class _Surveyor:
    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file
        self._memory = FILE_BYTES + BYTES_PER_BYTE * file.ByteSize()
        self._most_fields = 0
        self._defines: set[str] = set()
        self._uses: set[str] = set()

    def survey(self) -> Survey:
        file = self._file
        for name in (file.name, *file.dependency):
            _check_name(name, MAX_FILE_NAME)
        _check_name(file.package)
        prefix = f"{file.package}." if file.package else ""
        self._fields(file.extension, len(prefix))
        self._enums(file.enum_type, prefix)
        for service in file.service:
            self._type(prefix, service.name)
            for method in service.method:
                self._member(method.name, len(prefix) + len(service.name))
                self._use(method.input_type)
                self._use(method.output_type)
        # A list instead of recursion: nobody knows yet how deep it goes.
        waiting: list[tuple[DescriptorProto, str, int]]
        waiting = [(message, prefix, 1) for message in file.message_type]
        while waiting:
            message, prefix, depth = waiting.pop()
            if depth > MAX_NESTING:
                raise ForeignError(f"messages are nested more than {MAX_NESTING} deep")
            full = self._type(prefix, message.name) + "."
            self._message(message, full)
            waiting.extend((inner, full, depth + 1) for inner in message.nested_type)
        return Survey(
            self._memory, self._most_fields, frozenset(self._defines), frozenset(self._uses)
        )

    def _message(self, message: DescriptorProto, prefix: str) -> None:
        if message.options.message_set_wire_format:
            raise ForeignError(kept(f"{message.name} is a MessageSet, which is not supported"))
        self._most_fields = max(self._most_fields, len(message.field))
        self._fields(message.field, len(prefix))
        self._fields(message.extension, len(prefix))
        self._enums(message.enum_type, prefix)
        for oneof in message.oneof_decl:
            self._member(oneof.name, len(prefix))
        self._reserved(message)
        self._memory += MEMBER_BYTES * len(message.extension_range)

    def _fields(self, fields: Iterable[FieldDescriptorProto], prefix: int) -> None:
        for field in fields:
            self._member(field.name, prefix)
            _check_name(field.json_name)
            self._use(field.type_name)
            self._use(field.extendee)

    def _enums(self, enums: Iterable[EnumDescriptorProto], prefix: str) -> None:
        for enum in enums:
            self._type(prefix, enum.name)
            for value in enum.value:
                self._member(value.name, len(prefix))
            self._reserved(enum)

    def _reserved(self, of: DescriptorProto | EnumDescriptorProto) -> None:
        # Few bytes each, and compared with one another and with every field.
        self._memory += MEMBER_BYTES * (len(of.reserved_range) + len(of.reserved_name))

    def _type(self, prefix: str, name: str) -> str:
        _check_name(name)
        full = prefix + name
        self._memory += TYPE_BYTES + len(full)
        check_memory(self._memory)
        if full.startswith(PACKAGE):
            self._defines.add(full)
        return full

    def _member(self, name: str, prefix: int) -> None:
        _check_name(name)
        self._memory += MEMBER_BYTES + prefix + len(name)

    def _use(self, type_name: str) -> None:
        if type_name.removeprefix(".").startswith(PACKAGE):
            self._uses.add(type_name.removeprefix("."))


def check_memory(taken: int) -> None:
    """Return if a schema may take so many bytes; raise `ForeignError` if not."""
    if taken > MAX_SCHEMA_BYTES:
        limit = MAX_SCHEMA_BYTES // 1024
        raise ForeignError(f"the types would take more than {limit} KiB of memory")


def _check_name(name: str, longest: int = MAX_NAME) -> None:
    if len(name) > longest:
        raise ForeignError(f"expected names of at most {longest} characters, got {len(name)}")

"""schema_fuzz feeds random schemas and bytes to what reads them, for a test of its bounds.

It runs as a process of its own, ``python -m tests.support.schema_fuzz SEED ROUNDS``: what
it looks for are faults of native code, which end the process, and errors other than those
that a callback expects. Rounds begin from schemas that are valid, and spoil them: by
edges between files, by names and numbers, and byte by byte.
"""

import faulthandler
import random
import sys

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.message import Message

from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.grpc.descriptor_files import DescriptorFiles
from crontask_operator.callbacks.grpc.foreign import ForeignError
from crontask_operator.callbacks.grpc.method import Method, TooLargeReplyError
from crontask_operator.callbacks.grpc.schema import Schema
from tests.support.hostile_grpc import delimited

EXPECTED = (CallError, ForeignError, TooLargeReplyError)
SERVICE, METHOD = "S", "Do"

NAMES = ("A", "B", "C", "a", "b_c", "1", "", "x" * 300, "a.b", "ü", "\x00", "google")
PACKAGES = ("", "", "p", "p.q", "google.protobuf", "p..q", "1", "A")
TYPES = (".A", ".B", "A", ".p.A", "A.B", ".google.protobuf.Any", ".google.protobuf.Timestamp")
OTHER_TYPES = (
    ".google.protobuf.Struct",
    ".google.protobuf.Value",
    ".google.protobuf.FileDescriptorSet",
    ".google.protobuf.FieldDescriptorProto.Type",
    ".nobody",
    "",
)
SYNTAXES = ("", "proto2", "proto3", "editions", "proto9")
NUMBERS = (1, 2, 3, 0, -1, 18999, 19001, 536870911, 536870912)
BODIES = (
    "{}",
    "[]",
    "null",
    '{"a": 1}',
    '{"a": {"a": {}}}',
    '{"b_c": [{}, {}]}',
    '"\\ud800"',
    "[" * 2000,
)


class Fuzzer:
    """One series of rounds, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible, no secret
        self._oddness = 0.0
        self.built = 0

    def round(self) -> None:
        """Make a schema, and use what can be made of it."""
        self._oddness = self._random.choice((0.0, 0.05, 0.2, 1.0))
        serialized = self._set().SerializeToString()
        if self._odd(0.5):
            serialized = self._spoiled(serialized)
        try:
            files = DescriptorFiles()
            files.add_set(serialized)
            for _ in files.missing():
                return
            schema = Schema(files)
            self.built += 1
            self._use(schema.method(SERVICE, METHOD))
        except EXPECTED:
            return

    def _use(self, method: Method) -> None:
        for body in BODIES:
            try:
                method.reply(method.request(body))
            except EXPECTED:
                continue
        for _ in range(5):
            try:
                method.reply(self._bytes())
            except EXPECTED:
                continue

    def _odd(self, chance: float) -> bool:
        """Return whether to do what makes most schemas invalid."""
        return self._random.random() < chance * self._oddness

    def _bytes(self) -> bytes:
        pick = self._random
        data = pick.randbytes(pick.randrange(40))
        for _ in range(pick.randrange(1, 200)):
            number = pick.choice((1, 2, 3))
            data = delimited(number, data)
        return data * pick.choice((1, 1, 10))

    def _spoiled(self, data: bytes) -> bytes:
        pick, spoiled = self._random, bytearray(data)
        for _ in range(pick.choice((1, 2, 8))):
            if not spoiled:
                break
            at = pick.randrange(len(spoiled))
            match pick.randrange(4):
                case 0:
                    spoiled[at] = pick.randrange(256)
                case 1:
                    del spoiled[at : at + pick.randrange(1, 9)]
                case 2:
                    spoiled[at:at] = pick.randbytes(pick.randrange(1, 9))
                case _:
                    spoiled[at:at] = spoiled[at : at + pick.randrange(1, 60)]
        return bytes(spoiled)

    def _set(self) -> FileDescriptorSet:
        pick = self._random
        count = pick.choice((1, 1, 2, 3, 8))
        files = [self._file(index, count) for index in range(count)]
        if self._odd(0.1):
            files.append(files[0])
        return FileDescriptorSet(file=files)

    def _file(self, index: int, count: int) -> FileDescriptorProto:
        pick = self._random
        file = FileDescriptorProto(name=f"f{index}")
        file.syntax = pick.choice(SYNTAXES) if self._odd(0.3) else pick.choice(SYNTAXES[1:3])
        if file.syntax == "editions":
            _put(file, edition=pick.choice((0, 1, 998, 1000, 1001, 99999, 2147483647)))
        file.package = pick.choice(PACKAGES) if self._odd(0.3) else ""
        reach = range(count) if self._odd(0.3) else range(index)
        for other in reach:
            if pick.random() < 0.5:
                file.dependency.append(f"f{other}")
        if self._odd(0.05):
            file.dependency.append("google/protobuf/any.proto")
        if self._odd(0.1):
            file.public_dependency.append(pick.choice((0, 1, 7, -1)))
        if self._odd(0.1):
            file.weak_dependency.append(pick.choice((0, 1, 7, -1)))
        names = ("A", "B") if index == 0 else (f"M{index}",)
        for name in names:
            self._message(file.message_type.add(name=name), 0)
        if self._odd(0.2):
            self._field(file.extension.add(name="e", number=9, extendee=pick.choice(TYPES)))
        if self._odd(0.3):
            enum = file.enum_type.add(name=pick.choice(("E", *NAMES)))
            for _ in range(pick.randrange(3)):
                enum.value.add(name=pick.choice(NAMES), number=pick.choice((0, 1, -1)))
        if index == 0:
            service = file.service.add(name=SERVICE)
            service.method.add(name=METHOD, input_type=".A", output_type=pick.choice((".A", ".B")))
        return file

    def _message(self, message: DescriptorProto, depth: int) -> None:
        pick = self._random
        for index in range(pick.randrange(4)):
            self._field(message.field.add(name=f"f{index}", number=index + 1))
        if pick.random() < 0.2 + 0.7 * self._odd(0.1) and depth < 40:
            name = pick.choice(NAMES) if self._odd(0.3) else pick.choice(("A", "B"))
            self._message(message.nested_type.add(name=name), depth + 1)
        if self._odd(0.1):
            self._message(message.nested_type.add(name="E"), depth + 1)
            message.nested_type[-1].options.map_entry = True
        if pick.random() < 0.2:
            message.extension_range.add(start=8, end=100)
        if self._odd(0.2):
            message.extension_range.add(start=pick.choice(NUMBERS), end=pick.choice(NUMBERS))
        if self._odd(0.1):
            message.reserved_range.add(start=pick.choice(NUMBERS), end=pick.choice(NUMBERS))
        if self._odd(0.1):
            message.oneof_decl.add(name=pick.choice(NAMES))
        if self._odd(0.03):
            message.options.message_set_wire_format = True
        if self._odd(0.1):
            _put(message.options.features, field_presence=pick.randrange(4))

    def _field(self, field: FieldDescriptorProto) -> None:
        pick = self._random
        _put(field, type=pick.choice((1, 3, 5, 9, 11, 11, 11, 12, 14, 10)))
        if not self._odd(0.5) and field.type in (10, 14):
            field.type = FieldDescriptorProto.TYPE_MESSAGE
        _put(field, label=2 if self._odd(0.05) else pick.choice((1, 1, 3)))
        if field.type in (10, 11, 14):
            known = TYPES[:2] if pick.random() < 0.7 else TYPES[5:]
            field.type_name = (
                pick.choice(TYPES + OTHER_TYPES) if self._odd(0.5) else pick.choice(known)
            )
        if self._odd(0.05):
            field.name = pick.choice(NAMES)
        if self._odd(0.05):
            field.number = pick.choice(NUMBERS)
        if self._odd(0.05):
            field.default_value = pick.choice(("1", "x", "\\", "\\777", "inf", "9" * 40))
        if self._odd(0.05):
            field.oneof_index = pick.choice((0, 1, -1))
        if self._odd(0.05):
            field.json_name = pick.choice(NAMES)
        if self._odd(0.05):
            field.proto3_optional = True
        if self._odd(0.05):
            field.options.packed = True


def _put(message: Message, **numbers: int) -> None:
    """Set enums by number, valid or not."""
    for name, number in numbers.items():
        setattr(message, name, number)


def main(seed: int, rounds: int) -> None:
    """Go through `rounds` rounds, and tell how many schemas could be built."""
    faulthandler.enable()
    fuzzer = Fuzzer(seed)
    for _ in range(rounds):
        fuzzer.round()
    sys.stdout.write(f"{fuzzer.built}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

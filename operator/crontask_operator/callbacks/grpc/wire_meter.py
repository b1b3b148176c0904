"""WireMeter tells what serialized protobuf will cost, for those who are about to parse it.

Two bytes on the wire can become a message of 64 KiB in memory, if its type has enough
fields, and a microsecond of Python's time for each value that is turned into JSON. Who
sends the bytes may be who describes the type. So the bytes are walked through first: in
a loop, without recursion, and no further than to the bound.
"""

from typing import Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

MESSAGE_EFFORT: Final = 4
"""What a message costs in comparison with a number or a text: as JSON, 1 to 7
microseconds against 0.3 to 1.4."""

MESSAGE_BYTES: Final = 64
FIELD_BYTES: Final = 16
"""Memory of a message, and what each field of its type adds, set or not. A text takes 16
bytes, other values less."""

MAX_DEPTH: Final = 100
"""Groups within groups, as protobuf's own parsers limit them."""

MAX_NUMBER: Final = 2**29 - 1
"""Highest number of a field."""

ANY: Final = "google.protobuf.Any"

_VARINT, _FIXED64, _LENGTH, _START_GROUP, _END_GROUP, _FIXED32 = range(6)
_LONGEST_VARINT: Final = 10
_UNPACKED: Final = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)


class WireBounds(NamedTuple):
    """How much is too much: `effort` in values, `memory` in bytes of parsed messages."""

    effort: int
    memory: int


class TooCostlyError(Exception):
    """There is more than the bounds allow; the message tells how much that is."""


class MalformedError(Exception):
    """The bytes are no protobuf."""


class _Shape:
    """What a walk needs to know of a message type."""

    __slots__ = ("descriptor", "fields", "is_any", "memory")

    def __init__(self, descriptor: Descriptor | None) -> None:
        self.descriptor = descriptor
        self.fields: dict[int, FieldDescriptor] = {}
        self.is_any = False
        self.memory = 0
        if descriptor is not None:
            self.fields = {field.number: field for field in descriptor.fields}
            self.is_any = descriptor.full_name == ANY
            self.memory = message_bytes(descriptor)


_UNKNOWN: Final = _Shape(None)


def message_bytes(descriptor: Descriptor) -> int:
    """Return about how many bytes an empty message of this type takes."""
    return MESSAGE_BYTES + FIELD_BYTES * len(descriptor.fields)


class WireMeter:
    """Measures messages of the types in `pool`."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._shapes: dict[str, _Shape] = {}

    def check(self, data: bytes, descriptor: Descriptor, bounds: WireBounds) -> None:
        """Return if `data`, a message of this type, stays within `bounds`.

        Raises
        ------
        TooCostlyError
            If it does not.
        MalformedError
            If it is none, as far as a walk can tell.
        """
        try:
            _Walk(self, data, bounds).run(self.shape(descriptor))
        except IndexError:
            raise MalformedError("it ends within a value") from None

    def shape(self, descriptor: Descriptor) -> _Shape:
        """Return what a walk needs to know of this type."""
        found = self._shapes.get(descriptor.full_name)
        if found is None:
            found = self._shapes[descriptor.full_name] = _Shape(descriptor)
        return found

    def field(self, shape: _Shape, number: int) -> FieldDescriptor | None:
        """Return the field or extension with this number, if there is one."""
        field = shape.fields.get(number)
        if field is None and shape.descriptor is not None and shape.descriptor.is_extendable:
            try:
                field = self._pool.FindExtensionByNumber(shape.descriptor, number)
            except KeyError:
                return None
            shape.fields[number] = field
        return field

    def content(self, type_url: bytes) -> _Shape | None:
        """Return the type that an Any names, if it is known."""
        try:
            name = type_url.rpartition(b"/")[2].decode()
            return self.shape(self._pool.FindMessageTypeByName(name))
        except (KeyError, UnicodeDecodeError):
            return None


class _Walk:
    """One walk through `data`; messages that it meets wait in a list for their turn."""

    def __init__(self, meter: WireMeter, data: bytes, bounds: WireBounds) -> None:
        self._meter = meter
        self._data = data
        self._bounds = bounds
        self._effort, self._memory = bounds
        self._waiting: list[tuple[int, int, _Shape]] = []

    def run(self, shape: _Shape) -> None:
        """Walk through everything."""
        self._meet(0, len(self._data), shape)
        while self._waiting:
            self._walk(*self._waiting.pop())

    def _walk(self, position: int, end: int, shape: _Shape) -> None:
        data = self._data
        outer: list[_Shape] = []
        # Where the type and the content of an Any are.
        named: dict[int, tuple[int, int]] = {}
        while position < end:
            tag, position = self._varint(position)
            number, kind = tag >> 3, tag & 7
            self._take(1)
            if not 0 < number <= MAX_NUMBER:
                raise MalformedError(f"a field has the number {number}")
            if kind == _VARINT:
                _, position = self._varint(position)
            elif kind == _LENGTH:
                length, position = self._varint(position)
                start, position = position, position + length
                if position > end:
                    raise MalformedError("a value is longer than what holds it")
                if shape.is_any:
                    named[number] = (start, position)
                self._value(self._meter.field(shape, number), start, position)
            elif kind == _FIXED64:
                position += 8
            elif kind == _FIXED32:
                position += 4
            elif kind == _START_GROUP:
                outer.append(shape)
                shape = self._group(shape, number, len(outer))
            elif kind == _END_GROUP and outer:
                shape = outer.pop()
            else:
                raise MalformedError(f"a value is of the kind {kind}")
        if position > end or outer:
            raise MalformedError("it ends within a value")
        if shape.is_any and 1 in named and 2 in named:
            start, stop = named[1]
            content = self._meter.content(data[start:stop])
            if content is not None:
                # It is copied, and parsed by itself.
                start, stop = named[2]
                self._memory -= stop - start
                self._meet(start, stop, content)

    def _value(self, field: FieldDescriptor | None, start: int, stop: int) -> None:
        if field is None or field.type in _UNPACKED:
            return
        if field.message_type is not None:
            self._meet(start, stop, self._meter.shape(field.message_type))
        else:
            # Numbers, packed: two of a byte each are as much effort as one other value.
            self._take((stop - start) // 2)

    def _meet(self, start: int, stop: int, shape: _Shape) -> None:
        self._memory -= shape.memory
        self._take(MESSAGE_EFFORT)
        self._waiting.append((start, stop, shape))

    def _group(self, shape: _Shape, number: int, depth: int) -> _Shape:
        if depth > MAX_DEPTH:
            raise MalformedError(f"groups are nested more than {MAX_DEPTH} deep")
        field = self._meter.field(shape, number)
        if field is None or field.message_type is None:
            return _UNKNOWN
        inner = self._meter.shape(field.message_type)
        self._memory -= inner.memory
        self._take(MESSAGE_EFFORT)
        return inner

    def _take(self, effort: int) -> None:
        self._effort -= effort
        if self._effort < 0:
            raise TooCostlyError(f"it holds more than {self._bounds.effort} values")
        if self._memory < 0:
            limit = self._bounds.memory // 1024
            raise TooCostlyError(f"it takes more than {limit} KiB of memory")

    def _varint(self, position: int) -> tuple[int, int]:
        data = self._data
        byte = data[position]
        position += 1
        if byte < 128:
            return byte, position
        value, shift = byte & 127, 7
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, position
            shift += 7
            if shift >= 7 * _LONGEST_VARINT:
                raise MalformedError("a number is too long")

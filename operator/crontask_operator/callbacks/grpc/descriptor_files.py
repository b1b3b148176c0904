"""DescriptorFiles collects the files of a schema for the native code that builds types of it.

Protobuf's native code follows imports by recursion and without an end: a file that imports
itself, or a long chain, overruns the stack and kills the process. And a schema can take
a thousand times its own size in memory. So files are counted, measured and put in order
here, imports before what imports them, and none is followed by anything native.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final, TypeVar

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from crontask_operator.callbacks.grpc.foreign import ForeignError, foreign, kept
from crontask_operator.callbacks.grpc.schema_survey import Survey, check_memory, survey
from crontask_operator.callbacks.grpc.well_known import home_of, well_known_file
from crontask_operator.callbacks.grpc.wire_meter import (
    MalformedError,
    TooCostlyError,
    WireBounds,
    WireMeter,
)

MAX_FILES: Final = 1000
"""Files of one schema. A server that names new ones for ever is stopped."""

MAX_BYTES: Final = 4 * 1024 * 1024
"""Bytes of all files of one schema. Google Ads, among the largest there are, has 2 MB."""

MAX_IMPORTS: Final = 20_000
"""Imports of all files together."""

BOUNDS: Final = WireBounds(effort=600_000, memory=64 * 1024 * 1024)
"""What a file may take while it is parsed, comments and positions included."""

Kind = TypeVar("Kind", FileDescriptorProto, FileDescriptorSet)

METER: Final = WireMeter(descriptor_pool.Default())
"""Measures what is of protobuf's own types, such as descriptors."""


class DescriptorFiles:
    """Files, and the names of those that they import and that are not here yet."""

    def __init__(self) -> None:
        self._files: dict[str, FileDescriptorProto] = {}
        self._surveys: dict[str, Survey] = {}
        self._wanted: deque[str] = deque()
        self._bytes = 0
        self._imports = 0
        self.memory = 0
        """Bytes that the schema will take."""
        self.most_fields = 0
        """Fields of the message that has the most."""

    def add(self, serialized: bytes) -> None:
        """Take a file; one that is here already is left out.

        Raises
        ------
        ForeignError
            If it is no file, another of its name is here, or the schema is too large.
        """
        self._keep(self._parsed(serialized, FileDescriptorProto))

    def add_set(self, serialized: bytes) -> None:
        """Take the files of a FileDescriptorSet; raises as `add`."""
        for file in self._parsed(serialized, FileDescriptorSet).file:
            self._keep(file)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a file of this name."""
        return name in self._files

    def missing(self) -> Iterator[str]:
        """Give the name of each imported file that is not here, until all are.

        The next one is given when the one before was added. Protobuf's own files are
        taken from the library if nobody brought them.
        """
        while self._wanted:
            name = self._wanted.popleft()
            if name in self._files:
                continue
            known = well_known_file(name)
            if known is None:
                yield name
            else:
                self.add(known)

    def ordered(self) -> list[bytes]:
        """Return the files, serialized, each after those that it imports.

        Raises
        ------
        ForeignError
            If imports form a cycle, or one is missing.
        """
        self._complete()
        graph: Mapping[str, set[str]] = {
            name: set(file.dependency) for name, file in self._files.items()
        }
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " imports ".join(repr(name[:60]) for name in error.args[1][:5])
            raise ForeignError(kept(f"the imports form a cycle: {circle}")) from None
        for name in order:
            if name not in self._files:
                raise ForeignError(kept(f"it lacks the imported file {name!r}"))
        return [self._files[name].SerializeToString() for name in order]

    def _parsed(self, serialized: bytes, kind: type[Kind]) -> Kind:
        self._bytes += len(serialized)
        if self._bytes > MAX_BYTES:
            raise ForeignError(f"the files take more than {MAX_BYTES // 1024} KiB")
        try:
            METER.check(serialized, kind.DESCRIPTOR, BOUNDS)
        except (MalformedError, TooCostlyError) as error:
            raise ForeignError(str(error)) from None
        with foreign():
            return kind.FromString(serialized)

    def _keep(self, file: FileDescriptorProto) -> None:
        # Comments, and where in its source each thing is.
        file.ClearField("source_code_info")
        name = file.name
        known = self._files.get(name)
        if known is not None:
            if known != file:
                raise ForeignError(kept(f"there are two different files called {name!r}"))
            return
        if len(self._files) >= MAX_FILES:
            raise ForeignError(f"there are more than {MAX_FILES} files")
        self._imports += len(file.dependency)
        if self._imports > MAX_IMPORTS:
            raise ForeignError(f"there are more than {MAX_IMPORTS} imports")
        with foreign():
            found = survey(file)
        self.memory += found.memory
        check_memory(self.memory)
        self.most_fields = max(self.most_fields, found.most_fields)
        self._files[name] = file
        self._surveys[name] = found
        self._wanted.extend(file.dependency)

    def _complete(self) -> None:
        """Import what files use of protobuf's own types without saying so.

        Libraries that make descriptors from a parsed source, as some for Node.js do,
        forget these imports.
        """
        defined: set[str] = set()
        for found in self._surveys.values():
            defined |= found.defines
        for name, found in list(self._surveys.items()):
            for used in found.uses - defined:
                home = home_of(used)
                if home is None or home == name:
                    continue
                if home not in self._files:
                    self.add(well_known_file(home) or b"")
                if home not in self._files[name].dependency:
                    self._files[name].dependency.append(home)
        # Those files import only one another.
        for name in self.missing():
            raise ForeignError(kept(f"it lacks the imported file {name!r}"))

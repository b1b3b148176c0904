"""Descriptors from a ConfigMap, for servers that offer no reflection."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from crontask_core.enums import Reason
from crontask_core.spec import ConfigMapKeyRef
from crontask_operator.callbacks.descriptors import build_pool, missing_imports, well_known_file
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.ttl_cache import TtlCache

GetConfigMap = Callable[[str, str], Awaitable[Mapping[str, bytes] | None]]
"""Returns the decoded ``binaryData`` of the ConfigMap (namespace, name), None if there is
none. May raise `CallError` with the reason, such as a forbidden read."""

USABLE_SECONDS: Final = 30.0
"""How long a descriptor set is used, as a Secret is."""

UNUSABLE_SECONDS: Final = 5.0
"""How long a failure is remembered, as that of a Secret is."""

SETS_KEPT: Final = 128


class _Place(NamedTuple):
    namespace: str
    name: str
    key: str

    def __str__(self) -> str:
        return f"key {self.key!r} of ConfigMap {self.namespace}/{self.name}"


class DescriptorSets:
    """Reads descriptor sets through `get`, each at most once in `USABLE_SECONDS`."""

    def __init__(self, get: GetConfigMap) -> None:
        self._get = get
        self._cache = TtlCache(self._load, _ttl, size=SETS_KEPT)

    async def pool(self, namespace: str, reference: ConfigMapKeyRef) -> DescriptorPool:
        """Return the descriptors that `reference` points to.

        Raises
        ------
        CallError
            InvalidRequest with the place and what is wrong there.
        """
        found = await self._cache.get(_Place(namespace, reference.name, reference.key))
        if isinstance(found, str):
            raise CallError(Reason.INVALID_REQUEST, f"spec.callback.grpc.descriptorSetRef: {found}")
        return found

    async def close(self) -> None:
        """Stop what is being read."""
        await self._cache.close()

    async def _load(self, place: _Place) -> DescriptorPool | str:
        try:
            data = await self._get(place.namespace, place.name)
        except CallError as error:
            return error.message
        if data is None:
            return f"ConfigMap {place.namespace}/{place.name} does not exist"
        if place.key not in data:
            return f"there is no {place} in binaryData"
        try:
            files = list(FileDescriptorSet.FromString(data[place.key]).file)
        except DecodeError:
            return f"{place} is no FileDescriptorSet"
        return _complete(files, place)


def _complete(files: list[FileDescriptorProto], place: _Place) -> DescriptorPool | str:
    while missing := missing_imports(files):
        for name in missing:
            known = well_known_file(name)
            if known is None:
                return f"{place} lacks the imported file {name!r}; make it with --include_imports"
            files.append(known)
    return build_pool(files)


def _ttl(found: DescriptorPool | str) -> float:
    return UNUSABLE_SECONDS if isinstance(found, str) else USABLE_SECONDS

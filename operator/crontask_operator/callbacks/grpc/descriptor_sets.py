"""descriptor_sets reads schemas from ConfigMaps, for servers without reflection."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from crontask_operator.callbacks.errors import CallError, UnansweredError
from crontask_operator.callbacks.grpc.descriptor_files import DescriptorFiles
from crontask_operator.callbacks.grpc.foreign import ForeignError, words
from crontask_operator.callbacks.grpc.schema import Schema
from crontask_operator.callbacks.grpc.side_thread import SideThread

GetConfigMap = Callable[[str, str], Awaitable[Mapping[str, bytes] | None]]
"""Returns the decoded ``binaryData`` of the ConfigMap (namespace, name), None if there is
none. May raise `CallError` with the reason, such as a forbidden read."""


class ConfigMapKey(NamedTuple):
    """Where a descriptor set is."""

    namespace: str
    name: str
    key: str

    def __str__(self) -> str:
        """Return it as people say it."""
        return f"key {self.key!r} of ConfigMap {self.namespace}/{self.name}"


async def read_set(get: GetConfigMap, place: ConfigMapKey, thread: SideThread) -> Schema | str:
    """Return the types that the descriptor set at `place` describes, or what is wrong there.

    Raises
    ------
    UnansweredError
        If nobody tells.
    """
    try:
        data = await get(place.namespace, place.name)
    except UnansweredError:
        raise
    except CallError as error:
        return error.message
    if data is None:
        return f"ConfigMap {place.namespace}/{place.name} does not exist"
    serialized = data.get(place.key)
    if serialized is None:
        return f"there is no {place} in binaryData"
    return await thread.run(place.namespace, lambda: _schema(serialized, place))


def _schema(serialized: bytes, place: ConfigMapKey) -> Schema | str:
    files = DescriptorFiles()
    try:
        files.add_set(serialized)
        for name in files.missing():
            missing = words(repr(name))
            return f"{place} lacks the imported file {missing}; make it with --include_imports"
        return Schema(files)
    except ForeignError as error:
        return f"{place} is no FileDescriptorSet that can be used: {error}"

"""TaskInventory lists which CronTasks there are, and in which version, for checks of the view.

The API server leaves out everything but metadata (``PartialObjectMetadataList``), and
answers from no cache that is behind: no resource version is asked for, which means the
most recent one.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, cast

import msgspec

from crontask_kube.errors import decoded
from crontask_kube.paths import Resource, everywhere_path, resource_path
from crontask_operator.kube.client import KubeApi, task_path
from crontask_operator.task.listing import Listed, Page
from crontask_operator.task.watch_event import Body

OPERATION: Final = "inventory"
"""What the metrics call a request for it."""

PAGE: Final = 500
"""Tasks of one answer, about half a megabyte."""

METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class _Metadata(msgspec.Struct, rename="camel"):
    uid: str
    namespace: str
    name: str
    resource_version: str


class _Item(msgspec.Struct):
    metadata: _Metadata


class _ListMetadata(msgspec.Struct):
    resource_version: str = msgspec.field(default="", name="resourceVersion")
    more: str = msgspec.field(default="", name="continue")


class _List(msgspec.Struct):
    metadata: _ListMetadata
    # null if there are none
    items: list[_Item] | None = None


_LIST: Final = msgspec.json.Decoder(_List)
_BODY: Final = msgspec.json.Decoder(dict)


class TaskInventory:
    """The CronTasks of the namespaces that are watched; None stands for all of them."""

    def __init__(self, api: KubeApi, namespaces: Callable[[], Iterable[str | None]]) -> None:
        self._api = api
        self._namespaces = namespaces

    async def pages(self) -> AsyncIterator[Page]:
        """Yield what there is; see `Inventory`."""
        for namespace in tuple(self._namespaces()):
            async for page in self.pages_of(namespace):
                yield page

    async def pages_of(self, namespace: str | None) -> AsyncIterator[Page]:
        """Yield what there is in one namespace; see `Inventory`."""
        path = (
            everywhere_path(Resource.CRON_TASKS)
            if namespace is None
            else resource_path(Resource.CRON_TASKS, namespace)
        )
        query = {"limit": str(PAGE)}
        while True:
            answer = await self._api.request(
                "GET", path, operation=OPERATION, query=query, accept=METADATA_ONLY
            )
            found = decoded(_LIST, answer)
            yield Page(
                namespace,
                found.metadata.resource_version,
                tuple(_listed(item.metadata) for item in found.items or ()),
                is_last=not found.metadata.more,
            )
            if not found.metadata.more:
                break
            query = {"limit": str(PAGE), "continue": found.metadata.more}

    async def body(self, namespace: str, name: str) -> Body:
        """Return one task; see `Inventory`."""
        answer = await self._api.request("GET", task_path(namespace, name), operation=OPERATION)
        return cast(Body, decoded(_BODY, answer))


def _listed(metadata: _Metadata) -> Listed:
    return Listed(metadata.uid, metadata.namespace, metadata.name, metadata.resource_version)

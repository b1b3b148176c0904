"""list_lookup finds many tasks in pages of a list rather than one by one, for `query_tasks`.

A GET costs the API server about a millisecond whatever it returns, and an object in a
list a tenth of that. So a large batch is looked for in a list first. That pays only if
the namespace does not hold many more tasks than were asked for; the first page tells
how many it holds.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from crontask_api.kube.client import MOST_IN_PAGE, CronTaskClient
from crontask_api.kube.objects import CronTask, CronTaskPage
from crontask_kube.errors import ApiError, SilentError

FEWEST: Final = 32
"""Tasks below which they are read one by one."""

MOST_READ_FOR_ONE: Final = 4
"""Tasks in the namespace for each that was asked for."""


class ListLookup:
    """A reader of tasks that has some of them already."""

    def __init__(self, client: CronTaskClient, known: Mapping[str, CronTask]) -> None:
        self._client = client
        self._known = known

    async def get(self, namespace: str, name: str) -> CronTask | None:
        """Return the object called `name`, or None; see `CronTaskClient.get`."""
        return self._known.get(name) or await self._client.get(namespace, name)

    async def page(self, namespace: str, *, field_selector: str, limit: int) -> CronTaskPage:
        """Return the first objects of a list; see `CronTaskClient.page`."""
        return await self._client.page(namespace, field_selector=field_selector, limit=limit)


async def pages(
    client: CronTaskClient, namespace: str, wanted: int
) -> AsyncIterator[dict[str, CronTask]]:
    """Yield the tasks of `namespace` in pages, by object name, if that pays for `wanted`.

    It may end early, for whatever reason: what was not seen has to be asked for.

    Raises
    ------
    SilentError
        If the API server answers nobody.
    """
    token = ""
    while wanted >= FEWEST:
        try:
            page = await client.page(namespace, limit=MOST_IN_PAGE, continue_from=token)
        except SilentError:
            raise
        except ApiError:
            # Who may not list may still get. Other trouble shows in the reads that follow.
            return
        yield {task.metadata.name: task for task in page.items}
        token = page.metadata.continue_
        if not token or page.metadata.remaining_item_count > MOST_READ_FOR_ONE * wanted:
            return

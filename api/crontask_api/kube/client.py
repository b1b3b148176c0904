"""client reads and writes CronTasks in the Kubernetes API for the facade."""

import asyncio
from typing import Any, Final

import msgspec

from crontask_api.kube.objects import CronTask, CronTaskPage
from crontask_api.kube.session import RetryingSession
from crontask_kube.errors import NotFoundError, decoded
from crontask_kube.paths import Resource, everywhere_path, resource_path
from crontask_kube.session import JSON_PATCH, MERGE_PATCH

MOST_IN_PAGE: Final = 50
"""Objects in a page. Each may take hundreds of kilobytes, and a page is in memory whole."""

PAGES_AT_ONCE: Final = 4
"""Pages that are read at a time, of all requests together."""

_DRY_RUN: Final = {"dryRun": "All"}
"""Admission, defaults and rules as ever, and nothing is stored."""

_ENCODER: Final = msgspec.json.Encoder()
_OBJECT: Final = msgspec.json.Decoder(CronTask)
_PAGE: Final = msgspec.json.Decoder(CronTaskPage)

JsonPatch = list[dict[str, Any]]


class CronTaskClient:
    """Creates, reads, changes and deletes CronTasks.

    Every method raises a ``ApiError`` if the API server refuses or is away.
    """

    def __init__(self, session: RetryingSession) -> None:
        self._session = session
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        self._asked: asyncio.Future[bytes] | None = None

    async def create(
        self, namespace: str, manifest: dict[str, Any], *, dry_run: bool = False
    ) -> None:
        """Create the object; with `dry_run` only have it judged.

        Not repeated when the answer is lost, as the repetition would meet the object
        that the first request made; the caller knows how to tell that case.

        Raises
        ------
        AlreadyExistsError
            If there is an object of that name.
        """
        await self._session.request(
            "POST",
            _path(namespace),
            query=_DRY_RUN if dry_run else None,
            body=_ENCODER.encode(manifest),
            repeatable=dry_run,
        )

    async def get(self, namespace: str, name: str) -> CronTask | None:
        """Return the object called `name`, or None."""
        try:
            return decoded(_OBJECT, await self._session.request("GET", _path(namespace, name)))
        except NotFoundError:
            return None

    async def page(
        self,
        namespace: str | None,
        *,
        field_selector: str = "",
        limit: int,
        continue_from: str = "",
    ) -> CronTaskPage:
        """Return at most `limit` objects, and `MOST_IN_PAGE`, from where an earlier page ended.

        They are those of `namespace`, or of all namespaces if it is None.
        """
        query = {"limit": str(min(limit, MOST_IN_PAGE))}
        if field_selector:
            query["fieldSelector"] = field_selector
        if continue_from:
            query["continue"] = continue_from
        async with self._pages:
            path = collection_path(namespace)
            answer = await self._session.request("GET", path, query=query)
            return decoded(_PAGE, answer)

    async def merge_patch(self, namespace: str, name: str, patch: dict[str, Any]) -> CronTask:
        """Merge `patch` into the object and return the result (RFC 7396)."""
        return await self._patch(namespace, name, patch, MERGE_PATCH)

    async def json_patch(
        self, namespace: str, name: str, patch: JsonPatch, *, dry_run: bool = False
    ) -> CronTask:
        """Carry out the operations of `patch`, all or none, and return the result (RFC 6902).

        With `dry_run` it is the result that there would be.
        """
        return await self._patch(namespace, name, patch, JSON_PATCH, dry_run=dry_run)

    async def delete(self, namespace: str, name: str, *, uid: str) -> None:
        """Delete the object, unless another one has taken its name meanwhile."""
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}}
        await self._session.request("DELETE", _path(namespace, name), body=_ENCODER.encode(options))

    async def check_served(self) -> None:
        """Return if the API server answers and knows CronTasks.

        Whoever can connect may have this asked, so it is asked once at a time: who comes
        meanwhile shares the answer.
        """
        if self._asked is None:
            question = self._session.request("GET", Resource.CRON_TASKS.group_path)
            self._asked = asyncio.ensure_future(question)
            self._asked.add_done_callback(self._answered)
        # One who is cancelled does not take the answer from the others.
        await asyncio.shield(self._asked)

    def _answered(self, asked: asyncio.Future[bytes]) -> None:
        self._asked = None
        if not asked.cancelled():
            # Whoever asked may be gone, and then nobody looks at an error.
            asked.exception()

    async def _patch(
        self,
        namespace: str,
        name: str,
        patch: dict[str, Any] | JsonPatch,
        content_type: str,
        *,
        dry_run: bool = False,
    ) -> CronTask:
        answer = await self._session.request(
            "PATCH",
            _path(namespace, name),
            query=_DRY_RUN if dry_run else None,
            body=_ENCODER.encode(patch),
            content_type=content_type,
        )
        return decoded(_OBJECT, answer)


def collection_path(namespace: str | None) -> str:
    """Return the path of the CronTasks of `namespace`, or of all namespaces if it is None."""
    return everywhere_path(Resource.CRON_TASKS) if namespace is None else _path(namespace)


def _path(namespace: str, name: str | None = None) -> str:
    return resource_path(Resource.CRON_TASKS, namespace, name)

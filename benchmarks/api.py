"""A fast client of the API server: kubectl would throttle itself, and start each time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from http import HTTPStatus
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import Manifest
from crontask_core.constants import GROUP, PLURAL, VERSION

CONNECTIONS = 32
"""Requests in flight, as many as the operator's own writers."""

PAGE = 500

DELETE_ROUNDS = 5
"""Requests to delete a collection, at the most; each lasts up to a minute."""

_MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
_JSON = {"Content-Type": "application/json"}

Item = TypeVar("Item")


class _ListMetadata(msgspec.Struct, rename={"next": "continue"}):
    next: str = ""


class _Metadata(msgspec.Struct):
    name: str


class _Named(msgspec.Struct):
    metadata: _Metadata


class _Page(msgspec.Struct):
    metadata: _ListMetadata
    items: list[msgspec.Raw]


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_named = msgspec.json.Decoder(_Named).decode


class Api:
    """The API server at `url`, for whoever `tls` says; an async context manager.

    Every method is a bare loop over one aiohttp session and can stand as a baseline.
    """

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._url = url
        self._tls = tls
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=self._tls),
            timeout=aiohttp.ClientTimeout(total=120),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session."""
        await self._session.close()

    async def create_namespace(self, name: str) -> None:
        """Create a namespace."""
        await self._request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    async def create(self, namespace: str, manifests: Iterable[Manifest]) -> float:
        """Create tasks; return the seconds that it took."""
        return await self.create_all(tasks_path(namespace), manifests)

    async def create_all(self, path: str, manifests: Iterable[Manifest]) -> float:
        """Create objects of the collection at `path`; return the seconds that it took."""
        bodies = [msgspec.json.encode(manifest) for manifest in manifests]
        return await timed(bodies, lambda body: self._send("POST", path, body, _JSON))

    async def read(self, namespace: str, names: Iterable[str]) -> float:
        """GET tasks; return the seconds that it took."""
        path = tasks_path(namespace)
        return await timed(names, lambda name: self._send("GET", f"{path}/{name}"))

    async def patch_status(self, namespace: str, statuses: Iterable[tuple[str, Any]]) -> float:
        """PATCH the status of tasks, by name; return the seconds that it took."""
        path = tasks_path(namespace)
        patches = [(name, msgspec.json.encode({"status": status})) for name, status in statuses]
        return await timed(
            patches,
            lambda patch: self._send("PATCH", f"{path}/{patch[0]}/status", patch[1], _MERGE_PATCH),
        )

    async def suspend(self, namespace: str, names: Iterable[str]) -> None:
        """Suspend tasks: what is under way ends, and nothing more begins."""
        await self.patch_all(tasks_path(namespace), names, {"spec": {"suspend": True}})

    async def patch_all(self, path: str, names: Iterable[str], patch: Any) -> None:
        """Merge the same `patch` into objects of the collection at `path`."""
        body = msgspec.json.encode(patch)
        await timed(names, lambda name: self._send("PATCH", f"{path}/{name}", body, _MERGE_PATCH))

    async def pages(self, namespace: str) -> list[msgspec.Raw]:
        """LIST all tasks in pages of `PAGE`, each left as the JSON it is."""
        return await self._pages(tasks_path(namespace))

    async def names(self, path: str) -> "list[str]":
        """Return the names of all objects of the collection at `path`."""
        return [_decode_named(item).metadata.name for item in await self._pages(path)]

    async def _pages(self, path: str) -> "list[msgspec.Raw]":
        items: list[msgspec.Raw] = []
        parameters = {"limit": str(PAGE)}
        while True:
            page = _decode_page(await self._send("GET", path, parameters=parameters))
            items += page.items
            if not page.metadata.next:
                return items
            parameters = {"limit": str(PAGE), "continue": page.metadata.next}

    async def list(self, namespace: str) -> list[Manifest]:
        """Return all tasks."""
        return [msgspec.json.decode(item) for item in await self.pages(namespace)]

    async def delete_all(self, namespace: str) -> None:
        """Delete all tasks of a namespace."""
        await self.delete_collection(tasks_path(namespace))

    async def delete_collection(self, path: str) -> None:
        """Delete all objects of the collection at `path`.

        The API server gives up after a minute, with thousands of them deleted.
        """
        for _ in range(DELETE_ROUNDS):
            async with self._session.delete(self._url + path) as response:
                text = await response.text()
                if response.status == HTTPStatus.OK:
                    return
                if response.status != HTTPStatus.GATEWAY_TIMEOUT:
                    break
        raise BenchmarkError(f"DELETE {path}: expected success, got {response.status}: {text:.500}")

    @asynccontextmanager
    async def watch(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Watch the collection at `path`: give its events, each a line of JSON.

        The watch is open when the block begins, and begins with what there is.
        """
        async with self._session.get(
            self._url + path, params={"watch": "1"}, timeout=aiohttp.ClientTimeout(total=None)
        ) as response:
            if response.status >= 400:
                raise BenchmarkError(f"watch {path}: expected success, got {response.status}")
            yield aiter(response.content)

    async def _request(self, method: str, path: str, body: Manifest) -> None:
        await self._send(method, path, msgspec.json.encode(body), _JSON)

    async def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
    ) -> bytes:
        async with self._session.request(
            method, self._url + path, data=body, headers=headers, params=parameters
        ) as response:
            answer = await response.read()
            if response.status >= 400:
                text = answer[:500].decode(errors="replace")
                raise BenchmarkError(
                    f"{method} {path}: expected success, got {response.status}: {text}"
                )
            return answer


def tasks_path(namespace: str) -> str:
    """Return the URL path of the CronTasks of `namespace`."""
    return f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"


async def timed(
    items: Iterable[Item], work: Callable[[Item], Awaitable[object]], workers: int = CONNECTIONS
) -> float:
    """Do `work` for each of `items`, `workers` at a time; return the seconds that it took."""
    left = iter(items)

    async def worker() -> None:
        for item in left:
            await work(item)

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
    return perf_counter() - began

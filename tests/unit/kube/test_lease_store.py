"""Whatever answers in the place of the API server, the protocol hears an `ApiError`."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing, asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from kubernetes.aio.client import Configuration

from crontask_kube.errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from crontask_operator.ownership.record import LeaseKind, LeaseRecord
from crontask_operator.ownership.store import Change

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

END = web.AppKey("end", asyncio.Event)

LEASE = LeaseRecord("crontask-operator-0", LeaseKind.SHARD, "a", 15, resource_version="7")


PATIENCE_SECONDS = 30.0
"""For an API server that answers: a busy machine takes its time."""


def store_at(client: KubeApi, patience: float = PATIENCE_SECONDS) -> KubernetesLeaseStore:
    return KubernetesLeaseStore(client, "here", silence_seconds=patience)


@asynccontextmanager
async def store_behind(
    answer: Answer, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[KubernetesLeaseStore]:
    """Yield a store whose API server answers every request like that."""
    app = web.Application()
    app[END] = asyncio.Event()
    app.router.add_route("*", "/{path:.*}", answer)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        KubeApi(
            Configuration(host=str(server.make_url("")).rstrip("/")), timeout_seconds=patience
        ) as client,
    ):
        yield store_at(client, patience)
        app[END].set()


def status(code: int) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        body = {"kind": "Status", "code": code, "reason": "Why", "message": "it is so"}
        return web.json_response(body, status=code)

    return answer


async def page(_: web.Request) -> web.Response:
    return web.Response(text="<html>Please log in</html>", content_type="text/html")


async def another_kind(_: web.Request) -> web.Response:
    return web.json_response({"metadata": "none", "spec": 4, "items": 5})


async def hang(request: web.Request) -> web.Response:
    await request.app[END].wait()
    return web.Response()


async def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


CALLS: dict[str, Callable[[KubernetesLeaseStore], Awaitable[object]]] = {
    "list": lambda store: store.list_all(),
    "read": lambda store: store.read(LEASE.name),
    "create": lambda store: store.create(LEASE),
    "update": lambda store: store.update(LEASE),
    "delete": lambda store: store.delete(LEASE),
    "watch": lambda store: first_change(store),
}

FAULTS: dict[str, tuple[Answer, type[ApiError]]] = {
    "401": (status(401), UnauthorizedError),
    "403": (status(403), ForbiddenError),
    "404": (status(404), NotFoundError),
    "409": (status(409), ConflictError),
    "422": (status(422), InvalidError),
    "429": (status(429), UnavailableError),
    "500": (status(500), UnavailableError),
    "an answer that hangs": (hang, UnavailableError),
    "a connection that breaks": (hang_up, UnavailableError),
}


async def first_change(store: KubernetesLeaseStore) -> Change:
    async with aclosing(store.watch("1")) as changes:
        return await anext(changes)


@pytest.mark.parametrize(("answer", "error"), FAULTS.values(), ids=FAULTS)
async def test_each_fault_is_an_error_of_its_kind(answer: Answer, error: type[ApiError]) -> None:
    patience = 0.2 if answer is hang else PATIENCE_SECONDS
    async with store_behind(answer, patience) as store:
        assert await errors_of(store, CALLS) == dict.fromkeys(CALLS, error)


async def errors_of(store: KubernetesLeaseStore, calls: Collection[str]) -> dict[str, object]:
    """Return what type of error each of `calls` raises."""
    found: dict[str, object] = {}
    for name in calls:
        try:
            found[name] = await CALLS[name](store)
        except ApiError as error:
            found[name] = type(error)
    return found


async def test_an_api_server_that_is_away_is_unavailable() -> None:
    nobody = Configuration(host=f"http://127.0.0.1:{unused_port()}")
    async with KubeApi(nobody) as client:
        found = await errors_of(store_at(client), CALLS)

    assert found == dict.fromkeys(CALLS, UnavailableError)


async def test_an_error_says_what_the_api_server_said() -> None:
    async with store_behind(status(403)) as store:
        with pytest.raises(ForbiddenError, match="it is so"):
            await store.read(LEASE.name)


@pytest.mark.parametrize("answer", [page, another_kind], ids=["a page of a proxy", "nonsense"])
async def test_an_answer_that_is_no_lease_is_unavailable(answer: Answer) -> None:
    calls = CALLS.keys() - {"delete"}
    async with store_behind(answer) as store:
        assert await errors_of(store, calls) == dict.fromkeys(calls, UnavailableError)


def stream(*lines: object) -> Answer:
    """Answer a watch with `lines`; None keeps it open from there on."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for line in lines:
            if line is None:
                await hang(request)
            else:
                await response.write(json.dumps(line).encode() + b"\n")
        return response

    return answer


def event(kind: str, name: str, version: str) -> dict[str, object]:
    return {"type": kind, "object": {"metadata": {"name": name, "resourceVersion": version}}}


async def test_a_watch_yields_changes_until_the_server_ends_it() -> None:
    answer = stream(
        event("ADDED", "x", "2"), event("MODIFIED", "x", "3"), event("DELETED", "x", "4")
    )
    async with store_behind(answer) as store, aclosing(store.watch("1")) as changes:
        seen = [(change.record.resource_version, change.deleted) async for change in changes]

    assert seen == [("2", False), ("3", False), ("4", True)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(None, id="silence"),
        pytest.param("text", id="text"),
        pytest.param({"type": "MODIFIED"}, id="no object"),
        pytest.param(
            {"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}},
            id="version too old",
        ),
    ],
)
async def test_a_watch_that_goes_wrong_is_unavailable(line: object) -> None:
    # With silence the first event has to come in time as well.
    patience = 2.0 if line is None else PATIENCE_SECONDS
    async with (
        store_behind(stream(event("ADDED", "x", "2"), line), patience) as store,
        aclosing(store.watch("1")) as changes,
    ):
        assert (await anext(changes)).record.name == "x"
        with pytest.raises(ApiError):
            await anext(changes)

"""What the API server did not carry out is counted, by what it was about and why."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from kubernetes.aio.client import Configuration

from crontask_kube.errors import ApiError
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.secrets.secret_reader import SecretUnavailableError
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from crontask_operator.kube.objects import Objects
from crontask_operator.kube.status_store import StatusStore
from crontask_operator.process.metrics import REGISTRY
from crontask_operator.task.watch_event import new_state

METADATA = {
    "uid": "u", "namespace": "default", "name": "task",
    "creationTimestamp": "2026-03-01T12:00:00Z",
}  # fmt: skip

Request = Callable[[Configuration], Awaitable[object]]


def bare(request: Callable[[KubeApi], Awaitable[object]]) -> Request:
    async def send(configuration: Configuration) -> None:
        async with KubeApi(configuration) as api:
            await request(api)

    return send


async def watch_leases(configuration: Configuration) -> None:
    async with (
        KubeApi(configuration) as client,
        aclosing(lease_store(client).watch("1")) as changes,
    ):
        await anext(changes)


async def read_lease(configuration: Configuration) -> None:
    async with KubeApi(configuration) as client:
        await lease_store(client).read("crontask-operator-0")


def lease_store(client: KubeApi) -> KubernetesLeaseStore:
    return KubernetesLeaseStore(client, "here", silence_seconds=10)


REQUESTS: dict[str, tuple[str, Request]] = {
    "a status write": (
        "status",
        bare(lambda api: StatusStore(api).write("default", "task", b"{}")),
    ),
    "a status read": ("status", bare(lambda api: StatusStore(api).read("default", "task", "u"))),
    "a Secret": ("secret", bare(lambda api: Objects(api).secret("default", "token"))),
    "a ConfigMap": ("configmap", bare(lambda api: Objects(api).config_map("default", "types"))),
    "a deletion": (
        "deletion",
        bare(lambda api: Objects(api).delete_task(new_state({"metadata": METADATA}, 1))),
    ),
    "a Lease": ("lease", read_lease),
    "the watch of Leases": ("lease", watch_leases),
}

KINDS = {
    400: "Refused", 401: "Forbidden", 403: "Forbidden", 409: "Conflict", 413: "TooLarge",
    422: "Refused", 429: "Unavailable", 500: "Unavailable", 503: "Unavailable",
}  # fmt: skip


@asynccontextmanager
async def answering(status: int, message: str = "it is so") -> AsyncIterator[Configuration]:
    """Yield the configuration of an API server that answers every request like that."""

    async def answer(_: web.Request) -> web.Response:
        body = {"kind": "Status", "code": status, "message": message}
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield Configuration(host=str(server.make_url("")).rstrip("/"))


def counted() -> dict[tuple[str, str], float]:
    """Return the counts by operation and kind."""
    return {
        (sample.labels["operation"], sample.labels["kind"]): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "crontask_api_errors_total"
    }


async def count_of(request: Request, configuration: Configuration) -> dict[tuple[str, str], float]:
    """Return what `request` adds to the counts."""
    before = counted()
    with suppress(SecretUnavailableError, CallError, ApiError):
        await request(configuration)
    return {
        labels: value - before.get(labels, 0)
        for labels, value in counted().items()
        if value != before.get(labels, 0)
    }


@pytest.mark.parametrize("status", KINDS)
@pytest.mark.parametrize(("operation", "request_"), REQUESTS.values(), ids=REQUESTS)
async def test_a_refusal_is_counted(operation: str, request_: Request, status: int) -> None:
    async with answering(status) as configuration:
        assert await count_of(request_, configuration) == {(operation, KINDS[status]): 1}


@pytest.mark.parametrize(("operation", "request_"), REQUESTS.values(), ids=REQUESTS)
async def test_nobody_there_is_counted(operation: str, request_: Request) -> None:
    nobody = Configuration(host=f"http://127.0.0.1:{unused_port()}")
    assert await count_of(request_, nobody) == {(operation, "Unavailable"): 1}


@pytest.mark.parametrize("request_", [request for _, request in REQUESTS.values()], ids=REQUESTS)
async def test_that_something_does_not_exist_is_no_error(request_: Request) -> None:
    async with answering(404) as configuration:
        assert await count_of(request_, configuration) == {}


async def test_what_etcd_finds_too_large_is_told_apart() -> None:
    async with answering(500, "etcdserver: request is too large") as configuration:
        _, write = REQUESTS["a status write"]
        assert await count_of(write, configuration) == {("status", "TooLarge"): 1}

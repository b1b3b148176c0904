"""What leaves for the API server is the path as it was made, or nothing."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.client import Configuration
from prometheus_client import Histogram

from crontask_api.kube.client import CronTaskClient
from crontask_api.kube.session import RetryingSession
from crontask_core.enums import Reason
from crontask_kube.errors import ApiError
from crontask_kube.names import IllegalNameError
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.secrets.secret_reader import SecretUnavailableError
from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import KubernetesLeaseStore
from crontask_operator.kube.objects import Objects

STEP_UP = "../../team-b/secrets/crown"
AS_IT_STANDS = "/a/..%2f..%2fb/%2e%2e/c"
SECONDS = Histogram("test_sending_seconds", "None.", ("method", "outcome"), registry=None)


class Server:
    """An API server that notes what it was asked for; `status` is its answer."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.status = 200
        self.configuration = Configuration()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with an empty object, or with a redirect to another place."""
        self.targets.append(request.raw_path)
        headers = {"Location": "/elsewhere"} if 300 <= self.status < 400 else {}
        return web.json_response({"data": {}}, status=self.status, headers=headers)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    noting = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", noting.answer)
    async with TestServer(app, host="127.0.0.1") as running:
        noting.configuration = Configuration(host=str(running.make_url("")).rstrip("/"))
        yield noting


@pytest.fixture
async def session(server: Server) -> AsyncIterator[RetryingSession]:
    async with RetryingSession(
        server.configuration, connections=1, timeout_seconds=10, observe=SECONDS
    ) as opened:
        yield opened


async def test_the_operators_client_changes_no_path(server: Server) -> None:
    async with KubeApi(server.configuration) as api:
        await api.request("GET", AS_IT_STANDS, operation="secret", query={"a": "b/../%2f"})
    assert server.targets == [AS_IT_STANDS + "?a=b%2F..%2F%252f"]


async def test_the_facades_client_changes_no_path(server: Server, session: RetryingSession) -> None:
    await session.request("GET", AS_IT_STANDS, query={"a": "b/../%2f"})
    assert server.targets == [AS_IT_STANDS + "?a=b%2F..%2F%252f"]


async def test_the_operator_follows_no_redirect_with_its_token(server: Server) -> None:
    server.status = 307
    async with KubeApi(server.configuration) as api:
        with pytest.raises(ApiError):
            await api.request("GET", "/a", operation="secret")
    assert server.targets == ["/a"]


async def test_the_operator_reads_no_object_whose_name_is_none(server: Server) -> None:
    async with KubeApi(server.configuration) as api:
        objects = Objects(api)
        with pytest.raises(SecretUnavailableError, match="name: expected a name of lower-case"):
            await objects.secret("team-a", STEP_UP)
        with pytest.raises(CallError, match="name: expected a name of lower-case") as caught:
            await objects.config_map("team-a", STEP_UP)
    assert caught.value.reason is Reason.INVALID_REQUEST
    assert server.targets == []


@pytest.mark.parametrize("name", ["..", STEP_UP, "a/status", ""])
async def test_the_operator_touches_no_lease_whose_name_is_none(server: Server, name: str) -> None:
    async with KubeApi(server.configuration) as client:
        store = KubernetesLeaseStore(client, "here", silence_seconds=10)
        with pytest.raises(IllegalNameError, match="name: expected"):
            await store.read(name)
        with pytest.raises(IllegalNameError, match="CRONTASK_LEASE_NAMESPACE"):
            KubernetesLeaseStore(client, "..", silence_seconds=10)
    assert server.targets == []


@pytest.mark.parametrize("name", ["..", STEP_UP, "x/status", "..%2f", "", "?limit=1"])
async def test_the_facade_touches_no_task_whose_name_is_none(
    server: Server, session: RetryingSession, name: str
) -> None:
    client = CronTaskClient(session)
    for request in (
        lambda: client.get("shop", name),
        lambda: client.merge_patch("shop", name, {}),
        lambda: client.json_patch("shop", name, []),
        # Without a name, this would be all tasks.
        lambda: client.delete("shop", name, uid="u"),
        lambda: client.get(name, "nightly"),
        lambda: client.page(name, limit=1),
        lambda: client.create(name, {}),
    ):
        with pytest.raises(IllegalNameError):
            await request()
    assert server.targets == []

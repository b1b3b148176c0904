"""How old the view of the tasks is, by the requests that kopf makes."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from crontask_operator.process.watch_view import WatchView
from tests.unit.callbacks.calls import Clock

TASKS = "/apis/crontask.dev/v1/namespaces/{}/crontasks"


class Kopf:
    """Makes the requests that kopf makes, to a server that a test tells what to answer."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.heard = 0
        self.status = 200
        self.view = WatchView(self._hear, clock=self.clock)
        self._session: aiohttp.ClientSession
        self._base: str

    async def open(self, base: str) -> None:
        self._base = base
        self._session = aiohttp.ClientSession(trace_configs=[self.view.trace()])

    async def close(self) -> None:
        await self._session.close()

    async def get(self, namespace: str, **query: str) -> None:
        await self._get(TASKS.format(namespace), query)

    async def get_everywhere(self) -> None:
        await self._get("/apis/crontask.dev/v1/crontasks", {})

    async def answer(self, _: web.BaseRequest) -> web.Response:
        return web.Response(status=self.status)

    async def _get(self, path: str, query: dict[str, str]) -> None:
        async with self._session.get(self._base + path, params=query):
            pass

    def _hear(self) -> None:
        self.heard += 1


@pytest.fixture
async def kopf() -> AsyncIterator[Kopf]:
    made = Kopf()
    runner = web.ServerRunner(web.Server(made.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    await made.open(f"http://{host}:{port}")
    yield made
    await made.close()
    await runner.cleanup()


async def test_nothing_is_known_before_the_first_watch(kopf: Kopf) -> None:
    assert kopf.view.age() == float("inf")
    await kopf.get("shop", limit="500")
    await kopf.get("shop", limit="500", **{"continue": "x"})
    assert (kopf.view.age(), kopf.heard) == (float("inf"), 0)

    await kopf.get("shop", watch="true")
    assert (kopf.view.age(), kopf.heard) == (0, 1)


async def test_the_view_is_as_old_as_the_oldest_watch(kopf: Kopf) -> None:
    for namespace in ("shop", "bank"):
        await kopf.get(namespace)
        await kopf.get(namespace, watch="true")
    kopf.clock.now += 7
    await kopf.get("shop", watch="true")

    assert kopf.view.age() == 7


@pytest.mark.parametrize("status", [403, 500])
async def test_a_watch_that_is_refused_is_not_heard_of(kopf: Kopf, status: int) -> None:
    await kopf.get("shop")
    kopf.status = status
    await kopf.get("shop", watch="true")

    assert kopf.view.age() == float("inf")


@pytest.mark.parametrize("query", [{}, {"watch": "true"}], ids=["list", "watch"])
async def test_a_namespace_that_may_not_be_read_hides_no_other(
    kopf: Kopf, query: dict[str, str]
) -> None:
    for namespace in ("shop", "bank"):
        await kopf.get(namespace)
        await kopf.get(namespace, watch="true")
    kopf.status = 403
    await kopf.get("bank", **query)
    kopf.status = 200
    kopf.clock.now += 7

    assert kopf.view.age() == 7


async def test_a_collection_that_is_listed_anew_is_not_known(kopf: Kopf) -> None:
    await kopf.get("shop")
    await kopf.get("shop", watch="true")
    await kopf.get("shop")

    assert kopf.view.age() == float("inf")


async def test_a_namespace_that_may_not_be_read_is_out_of_sight_after_a_while(kopf: Kopf) -> None:
    for namespace in ("shop", "bank"):
        await kopf.get(namespace)
        await kopf.get(namespace, watch="true")
    kopf.clock.now += 10
    kopf.status = 403
    await kopf.get("bank", watch="true")
    assert kopf.view.unseen(13) == []

    kopf.clock.now += 4
    await kopf.get("bank")
    assert kopf.view.unseen(13) == ["bank"]
    await kopf.get("bank")
    assert kopf.view.unseen(13) == []


async def test_a_namespace_that_is_listed_is_in_sight_again(kopf: Kopf) -> None:
    await kopf.get("bank")
    for _ in range(2):
        kopf.status = 403
        await kopf.get("bank", watch="true")
        kopf.clock.now += 14
        await kopf.get("bank")
        assert kopf.view.unseen(13) == ["bank"]
        kopf.status = 200
        await kopf.get("bank")
        kopf.clock.now += 14
        assert kopf.view.unseen(13) == []


async def test_a_watch_that_may_be_read_again_goes_on(kopf: Kopf) -> None:
    await kopf.get("bank")
    await kopf.get("bank", watch="true")
    kopf.status = 403
    await kopf.get("bank", watch="true")
    assert kopf.view.age() == float("inf")
    kopf.status = 200
    await kopf.get("bank", watch="true")

    # kopf lists nothing anew: it asks for the same watch until it gets it.
    assert kopf.view.age() == 0
    assert kopf.view.namespaces() == ["bank"]


async def test_what_may_be_read_again_is_told_once(kopf: Kopf) -> None:
    await kopf.get("bank")
    await kopf.get("bank", watch="true")
    kopf.status = 403
    await kopf.get("bank", watch="true")
    assert kopf.view.seen_again() == []

    kopf.status = 200
    await kopf.get("bank", watch="true")
    assert [kopf.view.seen_again(), kopf.view.seen_again()] == [["bank"], []]


async def test_rights_everywhere_are_rights_in_all_namespaces(kopf: Kopf) -> None:
    kopf.status = 403
    await kopf.get_everywhere()
    kopf.clock.now += 14
    assert kopf.view.unseen(13) == [None]


async def test_what_is_watched_and_may_be_read_is_listed(kopf: Kopf) -> None:
    await kopf.get("shop")
    assert kopf.view.namespaces() == ["shop"]
    kopf.status = 403
    await kopf.get("bank")
    assert kopf.view.namespaces() == ["shop"]

"""A wire passes on what it carries, and fails it as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from chaos.play.mood import CALM, Mood
from chaos.play.wire import Wires
from tests.support.targets import Certificates, Exchange, Target, certificates, target
from tests.support.wait import eventually

HOST = "127.0.0.1"


async def _answer(exchange: Exchange) -> None:
    await exchange.answer(200, exchange.request.method.encode())


@pytest.fixture
def authority() -> Certificates:
    return certificates()


@pytest.fixture
async def server(authority: Certificates) -> AsyncIterator[Target]:
    async with target(_answer, tls=authority.server(HOST)) as running:
        yield running


@pytest.fixture
async def wires(authority: Certificates, server: Target) -> AsyncIterator[Wires]:
    trusting = ssl.create_default_context(cadata=authority.ca_pem)
    running = Wires(2, server.port, server=authority.server(HOST), client=trusting)
    await asyncio.to_thread(running.__enter__)
    yield running
    await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
async def client(authority: Certificates, wires: Wires) -> AsyncIterator[httpx.AsyncClient]:
    trusting = ssl.create_default_context(cadata=authority.ca_pem)
    url = f"https://{HOST}:{wires.wires[0].port}"
    async with httpx.AsyncClient(base_url=url, verify=trusting, trust_env=False) as running:
        yield running


async def _is_calm(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/")).is_success
    except httpx.TransportError:
        return False


async def test_it_passes_on_requests_and_answers(client: httpx.AsyncClient, server: Target) -> None:
    answer = await client.patch("/a?b=c", content=b"x" * 200_000, headers={"Authorization": "me"})
    assert answer.text == "PATCH"
    (request,) = server.requests
    assert (request.target, len(request.body)) == ("/a?b=c", 200_000)
    assert request.header("Authorization") == "me"


@pytest.mark.parametrize("status", [429, 500])
async def test_it_answers_in_place_of_the_server(
    status: int, client: httpx.AsyncClient, wires: Wires, server: Target
) -> None:
    wires.set_mood(0, Mood(status=status))
    answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (status, status)
    assert server.requests == []
    wires.set_mood(0, CALM)
    await eventually(lambda: _is_calm(client))


async def test_it_loses_answers_of_writes_alone(
    client: httpx.AsyncClient, wires: Wires, server: Target
) -> None:
    wires.set_mood(0, Mood(lose_answers=True))
    with pytest.raises(httpx.TransportError):
        await client.patch("/")
    assert [request.method for request in server.requests] == ["PATCH"]
    assert (await client.get("/")).text == "GET"


async def test_silence_holds_what_comes_until_it_ends(
    client: httpx.AsyncClient, wires: Wires, server: Target
) -> None:
    assert await _is_calm(client)
    wires.set_mood(0, Mood(silent=True))
    waiting = asyncio.create_task(client.get("/late"))
    other = f"https://{HOST}:{wires.wires[1].port}/"
    # The other wire is not met.
    assert (await client.get(other)).is_success
    assert [request.target for request in server.requests] == ["/", "/"]
    wires.set_mood(0, CALM)
    assert (await waiting).is_success


async def test_open_connections_die_silently_and_new_ones_work(
    client: httpx.AsyncClient, wires: Wires, server: Target
) -> None:
    assert await _is_calm(client)
    wires.silence(0)
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/", timeout=0.2)
    assert (await client.get("/")).is_success
    assert server.connections == 2


async def test_connections_are_reset(client: httpx.AsyncClient, wires: Wires) -> None:
    assert await _is_calm(client)
    wires.set_mood(0, Mood(reset=True))
    with pytest.raises(httpx.TransportError):
        await client.get("/")
    with pytest.raises(httpx.TransportError):
        await client.get("/")
    wires.set_mood(0, CALM)
    await eventually(lambda: _is_calm(client))


async def test_answers_are_delayed(client: httpx.AsyncClient, wires: Wires) -> None:
    assert await _is_calm(client)
    wires.set_mood(0, Mood(delay=0.5))
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/", timeout=0.3)
    assert (await client.get("/")).is_success


async def test_a_half_closed_connection_ends_for_its_client_alone(
    authority: Certificates, wires: Wires
) -> None:
    trusting = ssl.create_default_context(cadata=authority.ca_pem)
    reader, writer = await asyncio.open_connection(HOST, wires.wires[0].port, ssl=trusting)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    wires.half_close(0)
    await reader.read()
    assert reader.at_eof()
    writer.transport.abort()

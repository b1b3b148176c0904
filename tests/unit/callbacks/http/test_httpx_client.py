"""An httpx client on the transport of the calls goes where they may go, and by their way."""

import httpx
import pytest

from crontask_core.networks import LOOPBACK
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.http.transport import WireTransport
from tests.support.targets import target
from tests.unit.callbacks.calls import Names


def resolver() -> Resolver:
    return Resolver(Names({"localhost": [["127.0.0.1"]]}))


async def test_it_reads_an_answer() -> None:
    async with (
        target() as server,
        httpx.AsyncClient(transport=WireTransport(AddressGuard((), resolver()))) as client,
    ):
        answer = await client.post(server.url, content=b"a body")
    assert answer.status_code == 200


async def test_it_reaches_no_address_that_is_denied() -> None:
    async with (
        target() as server,
        httpx.AsyncClient(transport=WireTransport(AddressGuard(LOOPBACK, resolver()))) as client,
    ):
        with pytest.raises(CallError, match="is in the denied network"):
            await client.get(server.url)
        assert server.connections == 0

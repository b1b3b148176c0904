"""What calls are made of in these tests, which run on both event loops.

Those that are heavy and ask nothing of the loop are marked to run on the operator's alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.support.targets import Certificates, certificates
from tests.unit.callbacks.calls import Caller, calling


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each test on the loop of the operator, and on that of its developers' tools."""
    of_operator = {"uvloop": uvloop.new_event_loop}
    if item.get_closest_marker("on_the_operators_loop"):
        return of_operator
    return {"asyncio": asyncio.new_event_loop, **of_operator}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A client that may call loopback and knows no Secret."""
    async with calling() as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> Certificates:
    """A certificate authority, which takes a moment to make."""
    return certificates()

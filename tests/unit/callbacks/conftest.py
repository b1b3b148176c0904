"""What calls are made of in these tests. All run on both event loops."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.support.targets import Certificates, certificates
from tests.unit.callbacks.calls import Caller, calling


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each test on the loop of the operator, and on that of its developers' tools."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A client that may call loopback and knows no Secret."""
    async with calling() as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> Certificates:
    """A certificate authority, which takes a moment to make."""
    return certificates()

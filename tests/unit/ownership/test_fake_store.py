"""The fake store keeps the contract that the API server is held to."""

from collections.abc import Awaitable, Callable

import pytest

from crontask_operator.ownership.store import LeaseStore
from tests.unit.ownership.contract import CONTRACT
from tests.unit.ownership.fake_store import LeaseServer, Link


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
async def test_the_contract(clause: Callable[[LeaseStore], Awaitable[None]]) -> None:
    link = Link(LeaseServer(), timeout_seconds=1)
    await clause(link)
    await link.close()

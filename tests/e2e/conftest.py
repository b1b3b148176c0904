"""Fixtures on a real cluster with nodes."""

from collections.abc import Iterator

import pytest

from tests.e2e.cluster import Cluster
from tests.e2e.target import Target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as what it is."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster of the current context."""
    return Cluster()


@pytest.fixture(scope="session")
def target(cluster: Cluster) -> Iterator[Target]:
    """A target of callbacks inside the cluster."""
    target = Target(cluster)
    yield target
    target.delete()

"""A user at a shell, with the tasks of a namespace, in a cluster or through a facade."""

from collections.abc import Iterator

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.programs import Program
from tests.support.cli import Crontask, plain_user
from tests.support.crontasks import CronTasks
from tests.support.programs import run_facade, run_operator


@pytest.fixture(scope="session")
def kube(control_plane: ControlPlane) -> Iterator[httpx.Client]:
    """An administrator's client of the API server."""
    with control_plane.client() as client:
        yield client


@pytest.fixture(scope="session")
def any_facade(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade that serves the namespaces of all tests."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def tasks(kube: httpx.Client, namespace: str) -> CronTasks:
    """The tasks of the test's namespace, for an administrator."""
    return CronTasks(kube, namespace)


@pytest.fixture
def person(control_plane: ControlPlane, kube: httpx.Client, namespace: str) -> Crontask:
    """A user who may change the tasks of the test's namespace, and nothing else."""
    return Crontask(plain_user(control_plane, kube, namespace), ("-n", namespace))


@pytest.fixture(params=["cluster", "facade"])
def anybody(request: pytest.FixtureRequest, namespace: str) -> Crontask:
    """The same user by a kubeconfig, and a user without one by a facade."""
    if request.param == "cluster":
        crontask: Crontask = request.getfixturevalue("person")
        return crontask
    program: Program = request.getfixturevalue("any_facade")
    return Crontask(None, ("-n", namespace, "--server", program.url))


@pytest.fixture
def operator(control_plane: ControlPlane, namespace: str) -> Iterator[Program]:
    """An operator that runs the tasks of the test's namespace."""
    with run_operator(control_plane, namespace) as program:
        yield program


@pytest.fixture
def url(echo: EchoServer) -> str:
    """A target's URL, without its path."""
    return echo.url

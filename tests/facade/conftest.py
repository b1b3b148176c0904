"""A real facade process on the real API server, one for all tests that need no other."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import Facade
from tests.facade.interposer import Interposer
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.support.programs import run_facade


@pytest.fixture(scope="session", autouse=True)
def _main_loop() -> Iterator[None]:
    """An event loop for pytest-asyncio to set aside, which closes none that it creates."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="session")
def shared_facade(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade that serves the namespaces of all tests."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def namespace(kube: httpx.Client) -> Iterator[str]:
    """A namespace of the test's own, made without kubectl, whose start takes longer."""
    name = f"facade-{uuid.uuid4().hex[:8]}"
    made = kube.post("/api/v1/namespaces", json={"metadata": {"name": name}})
    assert made.is_success, made.text
    yield name
    kube.delete(Objects(kube, name).path)
    kube.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mounted Secret with two tokens, as kubelet lays it out."""
    folder = tmp_path_factory.mktemp("tokens")
    data = folder / "..data"
    data.mkdir()
    (data / "shop").write_text("shop-secret\n")
    (data / "ops").write_text("ops-secret")
    for name in ("shop", "ops"):
        (folder / name).symlink_to(data / name)
    return folder


@pytest.fixture(scope="session")
def guarded(control_plane: ControlPlane, tokens: Path) -> Iterator[Program]:
    """A facade with auth=token."""
    settings = {
        "CRONTASK_API_ALLOWED_NAMESPACES": "*",
        "CRONTASK_API_AUTH": "token",
        "CRONTASK_API_TOKENS_PATH": str(tokens),
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def facade(shared_facade: Program, namespace: str) -> Iterator[Facade]:
    """A client of the shared facade, for the test's own namespace."""
    with Facade(shared_facade.url, namespace) as client:
        yield client


@pytest.fixture(scope="session")
def history_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A history without rows, as an operator makes it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'runs.db'}"
    keep(url, [])
    return url


@pytest.fixture(scope="session")
def reading_facade(control_plane: ControlPlane, history_url: str) -> Iterator[Program]:
    """A facade that reads this history."""
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*", "CRONTASK_API_HISTORY_URL": history_url}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def reader(reading_facade: Program, namespace: str) -> Iterator[Facade]:
    """A client of it, for the test's own namespace."""
    with Facade(reading_facade.url, namespace) as client:
        yield client


@pytest.fixture(scope="session")
def kube(control_plane: ControlPlane) -> Iterator[httpx.Client]:
    """An administrator's client of the API server."""
    with control_plane.client() as client:
        yield client


@pytest.fixture(scope="module")
def between(kube: httpx.Client) -> Iterator[Interposer]:
    """What stands between a facade of the module's own and the API server."""
    with Interposer(kube) as interposer:
        yield interposer


@pytest.fixture
def objects(kube: httpx.Client, namespace: str) -> Objects:
    """The CronTasks of the test's namespace, as kubectl and the operator see them."""
    return Objects(kube, namespace)

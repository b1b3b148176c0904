"""Fixtures for all tests. Each starts what it names when a test first asks for it."""

import asyncio
import signal
import uuid
from collections.abc import Iterator

import hypothesis
import pytest

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from tests.support.crontasks import path_of
from tests.support.leaks import no_process_survives

# How long an example takes says something of the machine and nothing of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def _no_implicit_event_loop() -> None:
    # Until a loop was set once, Python 3.11 makes one for whoever asks. looptime asks
    # before synchronous tests too, and nobody would close the loop that it gets.
    asyncio.set_event_loop(None)


@pytest.fixture(scope="session", autouse=True)
def _signals() -> None:
    # A shell has what it starts in the background ignore Ctrl-C, nohup the end of the
    # terminal, and every process that a test starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _leak_check() -> Iterator[None]:
    with no_process_survives():
        yield


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real API server with the CRDs installed, one for all tests of a session."""
    with ControlPlane() as running:
        running.install_crds()
        yield running


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace of the test's own. Its tasks are gone before the next test begins."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    namespaces = "/api/v1/namespaces"
    with control_plane.client() as client:
        client.post(namespaces, json={"metadata": {"name": name}}).raise_for_status()
    yield name
    # Without a namespace controller its content would stay for ever, and with it
    # tasks that the next test's operator would run.
    with control_plane.client() as client:
        client.delete(path_of(name)).raise_for_status()
        client.delete(f"{namespaces}/{name}").raise_for_status()


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """An HTTP target of the test's own; see `dev.echo` for what it answers."""
    with EchoServer() as server:
        yield server

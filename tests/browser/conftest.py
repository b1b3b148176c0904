"""A real browser and real facades, for tests that look at the console as people do.

The browser is Debian's Chromium: `.ci/run` installs it. Where there is none the tests fail,
and say what is missing.
"""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.browser.watched import Watched
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.support.programs import run_facade

CONSOLE = {"CRONTASK_API_CONSOLE": "true", "CRONTASK_API_ALLOWED_NAMESPACES": "*"}

# A busy machine takes longer than the five seconds that are the default.
expect.set_options(timeout=30_000)

MISSING = "expected Chromium: apt-get install chromium fonts-noto-cjk"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    assert program is not None, MISSING
    with sync_playwright() as playwright:
        # Its sandbox needs rights that containers and the root of a CI machine lack.
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def kube(control_plane: ControlPlane) -> Iterator[httpx.Client]:
    """An administrator's client of the API server."""
    with control_plane.client() as client:
        yield client


@pytest.fixture
def namespace(kube: httpx.Client) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"browser-{uuid.uuid4().hex[:8]}"
    kube.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield name
    kube.delete(Objects(kube, name).path)
    kube.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def objects(kube: httpx.Client, namespace: str) -> Objects:
    """The CronTasks of the test's namespace."""
    return Objects(kube, namespace)


@pytest.fixture(scope="session")
def console(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console and without authentication, for all namespaces."""
    with run_facade(control_plane, "default", settings=CONSOLE) as program:
        yield program


@pytest.fixture(scope="session")
def history_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A history for all tests of a session."""
    url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'runs.db'}"
    keep(url, [])
    return url


@pytest.fixture(scope="session")
def recorded(control_plane: ControlPlane, history_url: str) -> Iterator[Program]:
    """The same, with a history."""
    settings = {**CONSOLE, "CRONTASK_API_HISTORY_URL": history_url}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture(scope="session")
def guarded(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """A facade with the console that takes a token."""
    tokens: Path = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.write_text("ops:ops-secret\n")
    settings = {
        **CONSOLE,
        "CRONTASK_API_AUTH": "token",
        "CRONTASK_API_TOKENS_PATH": str(tokens),
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def context(browser: Browser, console: Program) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    opened = browser.new_context(
        base_url=console.url, locale="en-GB", viewport={"width": 1366, "height": 860}
    )
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, console: Program) -> Iterator[Page]:
    """A page that is watched: no error in its console, no request to another host."""
    opened = context.new_page()
    with Watched(opened, console.url):
        yield opened


@pytest.fixture
def form(context: BrowserContext, console: Program) -> Iterator[Page]:
    """A page on which mistakes are made."""
    opened = context.new_page()
    with Watched(opened, console.url, expected=("status of 422",)):
        yield opened

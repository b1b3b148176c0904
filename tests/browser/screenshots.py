"""``python -m tests.browser.screenshots``: take the pictures of README and docs anew.

They are of a company that is made up (`company`), on a real control plane, by the browser of
the tests. In each run they are of the same tasks with the same past.
"""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from dev.control_plane import ControlPlane
from dev.png import with_palette
from tests.browser.company import found_company, tell_events
from tests.browser.conftest import CONSOLE, MISSING
from tests.facade.objects import Objects
from tests.support.programs import run_facade, run_operator
from tests.support.wait import eventually_sync

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"

NAMESPACE: Final = "default"

OPERATORS: Final = "operators"
"""Namespace of the operators. They serve it alone, so that the past stays as it was made."""

REPLICAS: Final = ("crontask-operator-6d5c8f-k7xlq", "crontask-operator-6d5c8f-p2m9z")

WIDE: Final = (1280, 800)
TALL: Final = (1280, 1120)
NARROW: Final = (390, 780)

MOST_BYTES: Final = 150_000


class Picture(NamedTuple):
    """One picture: a page, and how it is looked at."""

    name: str
    address: str
    size: tuple[int, int] = WIDE
    theme: str = "light"
    language: str = "en-GB"
    opens: str = ""
    """What is clicked first."""


PICTURES: Final = (
    Picture("overview", "/console/", TALL),
    Picture("overview-dark", "/console/", TALL, theme="dark"),
    Picture("tasks", "/console/tasks"),
    Picture("tasks-dark", "/console/tasks", theme="dark"),
    Picture("tasks-narrow", "/console/tasks", NARROW),
    Picture("task", "/console/tasks/default/task-06"),
    Picture("task-dark", "/console/tasks/default/task-06", theme="dark"),
    Picture("runs", "/console/runs"),
    Picture("runs-dark", "/console/runs", theme="dark"),
    Picture("run", "/console/runs?status=Failed&task=task-06", opens="[data-open]"),
    Picture("edit", "/console/tasks/default/task-06/edit"),
    Picture("api", "/console/api/crontab-list_runs"),
    Picture("chinese", "/console/tasks", language="zh-CN"),
)


def take(only: frozenset[str]) -> None:
    """Take the pictures called `only`, or all if that is empty."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit(MISSING)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ControlPlane() as control_plane:
        history = f"sqlite:///{folder}/runs.db"
        control_plane.install_crds()
        settings = {
            **CONSOLE,
            "CRONTASK_API_HISTORY_URL": history,
            "CRONTASK_API_CONSOLE_LEASE_NAMESPACE": OPERATORS,
        }
        with control_plane.client() as kube:
            kube.post("/api/v1/namespaces", json={"metadata": {"name": OPERATORS}})
            found_company(Objects(kube, NAMESPACE), datetime.now(UTC), history_url=history)
            tell_events(kube, NAMESPACE)
        admin = control_plane.kubeconfig
        with ExitStack() as stack:
            for replica in REPLICAS:
                own = {"CRONTASK_IDENTITY": replica, "CRONTASK_SHARDS": "4"}
                operator = run_operator(control_plane, OPERATORS, settings=own, active=False)
                stack.enter_context(operator)
            facade = stack.enter_context(
                run_facade(control_plane, NAMESPACE, kubeconfig=admin, settings=settings)
            )
            playwright = stack.enter_context(sync_playwright())

            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for picture in PICTURES:
                if not only or picture.name in only:
                    _take(browser, facade.url, picture)
            browser.close()


def _take(browser: Browser, url: str, picture: Picture) -> None:
    width, height = picture.size
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.theme == "dark" else "light",
        locale=picture.language,
        timezone_id="Europe/Berlin",
    )
    page = context.new_page()
    eventually_sync(lambda: _is_there(page, picture))
    if picture.opens:
        page.locator(picture.opens).first.click()
        page.wait_for_load_state()
    content = with_palette(page.screenshot())
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{picture.name}: expected at most {MOST_BYTES} bytes: {len(content)}")
    (FOLDER / f"{picture.name}.png").write_bytes(content)
    context.close()


def _is_there(page: Page, picture: Picture) -> bool:
    """Return whether the page shows what it is to show; a view needs a moment to fill."""
    page.goto("/console/tasks")
    is_filled = page.locator("[data-row]").count() >= 12
    page.goto(picture.address)
    page.wait_for_load_state("load")
    return is_filled


if __name__ == "__main__":
    take(frozenset(sys.argv[1:]))

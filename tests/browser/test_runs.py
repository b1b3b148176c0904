"""Runs of all tasks: found, followed and opened, by mouse and by keyboard."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.programs import Program
from tests.browser.axe import complaints
from tests.browser.test_hostile import ALL, MARKUP, NAME
from tests.browser.watched import Watched
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.history.rows import failed, row


@pytest.fixture
def page(browser: Browser, recorded: Program) -> Iterator[Page]:
    """A page of a console with a history, which is watched."""
    context = browser.new_context(
        base_url=recorded.url, locale="en-GB", viewport={"width": 1366, "height": 860}
    )
    context.set_default_timeout(30_000)
    opened = context.new_page()
    with Watched(opened, recorded.url):
        yield opened
    context.close()


def test_runs_are_found_and_opened(page: Page, history_url: str, namespace: str) -> None:
    keep(history_url, [row(at, namespace=namespace) for at in range(60)])
    keep(history_url, [failed(90, namespace=namespace, task_name="Stock")])
    page.goto(f"/console/runs?namespace={namespace}")
    expect(page.locator("[data-row]")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("[data-row]")).to_have_count(11)
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("[data-row]")).to_have_count(50)

    page.locator(".kinds label", has_text="Failed").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    # What is not asked for is not in the address.
    expect(page).to_have_url(re.compile(rf"\?status=Failed&namespace={namespace}$"))
    page.get_by_role("link", name="Stock").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stock")
    expect(page.locator(".attempts")).to_contain_text("expected status 200-299, got 503")
    assert complaints(page) == []
    page.go_back()
    expect(page.get_by_label("Failed", exact=True)).to_be_checked()


def test_by_keyboard(page: Page, history_url: str, namespace: str) -> None:
    keep(history_url, [row(at, namespace=namespace, task_name=f"Task {at}") for at in range(3)])
    page.goto("/console/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")

    page.goto(f"/console/runs?namespace={namespace}")
    page.keyboard.press("/")
    page.keyboard.type("done")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("text=done"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Task 1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Task 1")


def test_new_runs_come_without_a_reload(
    page: Page, history_url: str, objects: Objects, namespace: str
) -> None:
    objects.create("prices", taskName="Prices")
    own = {"namespace": namespace, "uid": objects.uid("prices")}
    keep(history_url, [row(1, **own)])
    for address, shown in (
        (f"/console/runs?namespace={namespace}", "[data-row]"),
        (f"/console/tasks/{namespace}/prices", "ol.runs > li"),
    ):
        page.goto(address)
        before = page.locator(shown).count()
        page.evaluate("window.notReloaded = true")
        at = datetime.now(UTC) - timedelta(seconds=before)
        new = row(before + 70, **own, scheduled_time=at)
        keep(history_url, [new])
        objects.set_status("prices", phase="Active", handledRunRequest=address)
        expect(page.locator(shown)).to_have_count(before + 1)
        assert page.evaluate("window.notReloaded")


def test_what_is_open_stays_open(
    page: Page, history_url: str, objects: Objects, namespace: str
) -> None:
    objects.create("prices", taskName="Prices")
    own = {"namespace": namespace, "uid": objects.uid("prices")}
    keep(history_url, [row(at, **own) for at in range(3)])
    page.goto(f"/console/tasks/{namespace}/prices")
    page.locator(f"#run-{1:032x} summary").click()
    expect(page.locator(f"#run-{1:032x}")).to_have_attribute("open", "")
    keep(history_url, [row(9, **own)])
    objects.set_status("prices", phase="Active")
    expect(page.locator("ol.runs > li")).to_have_count(4)
    expect(page.locator(f"#run-{1:032x}")).to_have_attribute("open", "")


def test_a_task_has_its_older_runs(
    page: Page, history_url: str, objects: Objects, namespace: str
) -> None:
    objects.create("prices", taskName="Prices")
    own = {"namespace": namespace, "uid": objects.uid("prices")}
    keep(history_url, [row(at, **own) for at in range(30)])
    keep(history_url, [failed(31, **own)])
    page.goto(f"/console/tasks/{namespace}/prices")
    page.get_by_role("link", name="Older runs").click()
    expect(page.locator("ol.runs > li")).to_have_count(11)
    page.get_by_role("link", name="Newest runs").click()
    page.locator(".kinds label", has_text="Failed").click()
    expect(page.locator("ol.runs > li")).to_have_count(1)
    assert "status=Failed" in page.url
    # The expectation that was not met stands beside what came.
    expect(page.locator(".against").first).to_contain_text("a code of 200-299")
    expect(page.locator(".against").first).to_contain_text("code 503")


def test_whatever_is_in_a_history_is_shown_as_text(
    page: Page, history_url: str, namespace: str
) -> None:
    texts = {"body": ALL, "response": ALL, "error": ALL, "url": ALL, "replica": MARKUP}
    evil = failed(1, namespace=namespace, task_name=NAME, name=MARKUP, uid="evil", **texts)
    keep(history_url, [evil])
    addresses = (
        f"/console/runs?namespace={namespace}",
        f"/console/runs?namespace={namespace}&text=%3Cimg&task=%22%3E%3Cscript%3E&code=%3C",
        f"/console/runs/{namespace}/evil/{1:032x}",
    )
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state()
        assert page.evaluate("window.owned") is None
        assert page.locator("img, main script, main b[hx-get]").count() == 0
        assert "\u202e" not in page.content()
    expect(page.get_by_role("heading", level=1)).to_contain_text("pay⟨U+202E⟩txt.exe⟨U+2066⟩")
    expect(page.locator(".attempts")).to_contain_text("[31m")

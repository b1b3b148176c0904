"""A stretch of a task's pictures is looked at closely, by mouse and by keyboard."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dev.programs import Program
from tests.browser.axe import complaints
from tests.browser.watched import Watched
from tests.facade.kept import keep
from tests.facade.objects import Objects
from tests.history.rows import failed, row

RUNS = 30


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


@pytest.fixture
def address(history_url: str, objects: Objects, namespace: str) -> str:
    """The page of a task of which every run took longer than the one before it."""
    objects.create("prices", taskName="Prices")
    own = {"namespace": namespace, "uid": objects.uid("prices")}
    rows = [(failed if at == 20 else row)(at, **own) for at in range(RUNS)]
    longer = [
        row(
            at,
            **own,
            status=each.status,
            reason=each.reason,
            end_time=each.begin_time + timedelta(seconds=1 + at),
        )
        for at, each in enumerate(rows)
    ]
    keep(history_url, longer)
    return f"/console/tasks/{namespace}/prices"


def bars(page: Page) -> Locator:
    """Return the bars of the picture of durations."""
    return page.locator("[data-course='1'] rect[data-begin]")


def test_by_mouse_and_as_an_address(page: Page, address: str) -> None:
    page.goto(address)
    expect(bars(page)).to_have_count(RUNS)
    first, last = bars(page).nth(18).bounding_box(), bars(page).nth(22).bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 1, first["y"] + 1)
    page.mouse.down()
    page.mouse.move(last["x"] + 1, last["y"] + 1, steps=3)
    expect(page.locator("[data-course='1'] .read")).to_have_text(
        "2026-03-10 12:00:18 UTC: 19 s … 2026-03-10 12:00:22 UTC: 23 s"
    )
    page.mouse.up()
    expect(bars(page)).to_have_count(5)
    # What is beside it and below it is of the same time.
    expect(page.locator("[data-course='2'] rect[data-begin]")).to_have_count(5)
    expect(page.locator("ol.runs > li")).to_have_count(5)
    expect(page).to_have_url(re.compile(r"begin=2026-03-10T12%3A00%3A18\.004.*&end="))
    told = "Duration: 5 attempts: median 21 s, at most 23 s"
    expect(page.get_by_role("img", name=told)).to_be_visible()
    assert complaints(page) == []

    # The form that holds it can be sent on, and a colleague sees the same.
    page.locator(".kinds label", has_text="Failed").click()
    expect(page.locator("ol.runs > li")).to_have_count(1)
    expect(bars(page)).to_have_count(5)
    page.goto(page.url)
    expect(bars(page)).to_have_count(5)
    page.get_by_role("link", name="Show all").click()
    expect(bars(page)).to_have_count(RUNS)
    expect(page).to_have_url(re.compile(r"\?status=Failed$"))


def test_by_keyboard_while_runs_go_on(
    page: Page, address: str, history_url: str, objects: Objects, namespace: str
) -> None:
    page.goto(address)
    probe = page.get_by_role("slider", name="Duration")
    probe.focus()
    page.keyboard.press("End")
    expect(probe).to_have_attribute("aria-valuetext", "2026-03-10 12:00:29 UTC: 30 s")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    stretch = "2026-03-10 12:00:26 UTC: 27 s … 2026-03-10 12:00:28 UTC: 29 s"
    expect(probe).to_have_attribute("aria-valuetext", stretch)
    # What was chosen stays so when another run ends, and so does the focus.
    keep(history_url, [row(RUNS, namespace=namespace, uid=objects.uid("prices"))])
    objects.set_status("prices", phase="Active")
    expect(bars(page)).to_have_count(RUNS + 1)
    expect(probe).to_have_attribute("aria-valuetext", stretch)
    expect(probe).to_be_focused()
    page.keyboard.press("Enter")
    expect(bars(page)).to_have_count(3)
    expect(page.locator("ol.runs > li")).to_have_count(3)
    # One run alone can be looked at as well, and the way back is the browser's.
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(bars(page)).to_have_count(1)
    page.go_back()
    expect(bars(page)).to_have_count(3)

"""Failed runs of a selection are made again: by mouse, and by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from crontask_core.constants import REDRIVE_ANNOTATION
from crontask_core.redrive import parse_redrives
from dev.programs import Program
from tests.browser.axe import complaints
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


@pytest.fixture
def prices(history_url: str, objects: Objects, namespace: str) -> Objects:
    """A task with four runs that failed, of which a retry has made one good."""
    objects.create("prices", taskName="Prices")
    uid = objects.uid("prices")
    of_task = {"namespace": namespace, "name": "prices", "uid": uid, "task_name": "Prices"}
    mended = failed(4, **of_task)
    again = row(
        5,
        **{**of_task, "execution_id": mended.execution_id, "attempt": 2},
        scheduled_time=mended.scheduled_time,
    )
    keep(
        history_url,
        [*(failed(at, **of_task) for at in (1, 2, 3)), row(9, **of_task), mended, again],
    )
    return objects


def asked_for(objects: Objects) -> list[int]:
    """Return the runs that the task is asked to make again."""
    annotations = objects.get("prices")["metadata"].get("annotations", {})
    asked = parse_redrives(annotations.get(REDRIVE_ANNOTATION, ""))
    return [int(each.execution_id, 16) for each in asked]


def test_by_mouse_with_a_result_for_each(page: Page, prices: Objects, namespace: str) -> None:
    page.goto(f"/console/runs?namespace={namespace}")
    expect(page.locator("[data-row]")).to_have_count(6)
    # What has not failed cannot be chosen.
    boxes = page.locator("tbody .pick input")
    expect(boxes).to_have_count(4)
    page.get_by_label("Select all that failed on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("4 selected")
    page.get_by_label("Select the run of Prices, 2026-03-10 12:00:02 UTC").uncheck()
    page.get_by_role("button", name="Make again").click()

    dialog = page.get_by_role("dialog", name="Make 3 runs again?")
    expect(dialog.get_by_role("listitem")).to_have_text(
        [f"Prices, due 2026-03-10 12:00:0{at} UTC" for at in (1, 3, 4)]
    )
    assert complaints(page) == []
    dialog.get_by_role("button", name="Make again").click()
    expect(dialog).to_contain_text("2 runs asked for again")
    expect(dialog).to_contain_text("1 run not made again")
    expect(dialog.locator("#ask-progress li")).to_have_text(
        ["Prices, due 2026-03-10 12:00:04 UTC A later attempt of it has not failed."]
    )
    assert asked_for(prices) == [1, 3]
    dialog.get_by_role("link", name="Close").click()
    expect(dialog).to_be_hidden()


def test_by_keyboard(page: Page, prices: Objects, namespace: str) -> None:
    page.goto(f"/console/runs?namespace={namespace}&status=Failed&end=2026-03-10T12:00:04")
    expect(page.locator("[data-row]")).to_have_count(3)
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-chosen]")).to_have_text("2 selected")
    page.get_by_role("button", name="Make again").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Make 2 runs again?")
    expect(dialog.get_by_role("button", name="Make again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("2 runs asked for again")
    assert asked_for(prices) == [1, 3]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_one_by_itself_on_the_page_of_its_task_and_on_its_own(
    page: Page, prices: Objects, namespace: str
) -> None:
    page.goto(f"/console/tasks/{namespace}/prices")
    run = page.locator(f"#run-{3:032x}")
    run.locator("summary").click()
    run.get_by_role("button", name="Make again").click()
    dialog = page.get_by_role("dialog", name="Make 1 run again?")
    dialog.get_by_role("button", name="Make again").click()
    expect(dialog).to_contain_text("1 run asked for again")
    dialog.get_by_role("link", name="Close").click()
    assert asked_for(prices) == [3]
    assert complaints(page) == []

    page.goto(f"/console/runs?namespace={namespace}&status=Failed&end=2026-03-10T12:00:02")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prices")
    page.get_by_role("button", name="Make again").press("Enter")
    dialog.get_by_role("button", name="Make again").press("Enter")
    expect(dialog).to_contain_text("1 run asked for again")
    assert asked_for(prices) == [3, 1]
    assert complaints(page) == []


def test_what_was_made_again_says_so(
    page: Page, prices: Objects, history_url: str, namespace: str
) -> None:
    uid = prices.uid("prices")
    of_task = {"namespace": namespace, "name": "prices", "uid": uid, "task_name": "Prices"}
    first = failed(2, **of_task)
    keep(
        history_url,
        [row(20, **of_task, redrive_of=first.execution_id, scheduled_time=first.scheduled_time)],
    )
    page.goto(f"/console/runs?namespace={namespace}&status=Failed&end=2026-03-10T12:00:04")
    expect(page.locator("tbody .pick input")).to_have_count(2)
    page.get_by_role("link", name="made again").click()
    expect(page).to_have_url(
        f"{page.url.split('/console')[0]}/console/runs/{namespace}/{uid}/{20:032x}"
    )

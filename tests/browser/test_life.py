"""The life of tasks by mouse, and again by keyboard."""

import time

from playwright.sync_api import Page, Route, expect

from tests.facade.objects import Objects
from tests.support.wait import eventually_sync


def _three(objects: Objects) -> None:
    for name in ("alpha", "beta", "gamma"):
        objects.create(name, taskName=f"Task {name}")
        objects.set_status(name, phase="Active", observedGeneration=1)


def _open(page: Page, namespace: str, rows: int) -> None:
    page.goto(f"/console/tasks?namespace={namespace}")
    expect(page.locator("[data-row]")).to_have_count(rows)


def test_by_mouse(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    _open(page, namespace, 3)

    # Search as you type; the address says it, so that it can be sent to a colleague.
    page.get_by_label("Search").fill("alp")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert "text=alp" in page.url
    page.get_by_role("link", name="Task alpha").click()

    page.get_by_role("button", name="Run now").click()
    page.get_by_text("Asked for a run of Task alpha.").wait_for()
    annotations = objects.get("alpha")["metadata"]["annotations"]
    assert "crontask.dev/run-requested-at" in annotations

    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused Task alpha.").wait_for()
    assert objects.get("alpha")["spec"]["suspend"] is True
    objects.set_status("alpha", phase="Suspended")
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("Resumed Task alpha.").wait_for()
    assert objects.get("alpha")["spec"]["suspend"] is False

    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Task alpha")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("1 task done")
    assert "alpha" not in objects.names()
    dialog.get_by_role("link", name="Close").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")


def test_many_at_once_with_a_result_for_each(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    _open(page, namespace, 3)

    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("3 selected")
    page.get_by_label("Select Task beta").uncheck()
    page.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause 2 tasks?")
    expect(dialog.get_by_role("listitem")).to_have_text(["Task alpha", "Task gamma"])
    # What is gone by then is told, and does not keep the other from being done.
    objects.delete("gamma")
    dialog.get_by_role("button", name="Pause").click()

    expect(dialog.get_by_role("heading", name="Done")).to_be_visible()
    eventually_sync(lambda: objects.get("alpha")["spec"].get("suspend") is True)
    assert objects.get("beta")["spec"].get("suspend", False) is False


def test_by_keyboard(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    _open(page, namespace, 3)

    page.keyboard.press("/")
    page.keyboard.type("task")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Task beta")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.get_by_label("Select Task alpha")).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Task beta")
    page.get_by_role("button", name="Run now").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Asked for a run of Task beta.").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")


def test_changes_are_seen_without_a_reload(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    _open(page, namespace, 3)
    page.evaluate("window.notReloaded = true")
    page.get_by_label("Select Task beta").check()
    objects.create("delta", taskName="Task delta")
    expect(page.locator("[data-row]")).to_have_count(4)
    objects.set_status("beta", phase="Invalid")
    expect(page.locator("[data-row]", has_text="Task beta")).to_contain_text("Invalid")
    # What a person has begun is left alone.
    expect(page.get_by_label("Select Task beta")).to_be_checked()
    assert page.evaluate("window.notReloaded")

    page.get_by_role("link", name="Task delta").click()
    page.evaluate("window.notReloaded = true")
    run = {
        "executionId": "r1",
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Failed",
        "scheduledTime": "2026-03-01T00:00:00Z",
        "beginTime": "2026-03-01T00:00:00Z",
        "endTime": "2026-03-01T00:00:01Z",
        "error": "connection refused",
    }
    objects.set_status("delta", phase="Active", runs=[run], consecutiveFailures=1)
    expect(page.locator("ol.runs")).to_contain_text("connection refused")
    assert page.evaluate("window.notReloaded")


def test_a_page_is_live_however_slowly_its_scripts_come(
    page: Page, objects: Objects, namespace: str
) -> None:
    _three(objects)

    def come_slowly(route: Route) -> None:
        # Longer than htmx waits with its first look at the page.
        time.sleep(0.3)
        route.continue_()

    page.route("**/assets/*.js", come_slowly)
    with page.expect_request("**/console/events?*"):
        page.goto(f"/console/tasks?namespace={namespace}")


def test_two_people_see_the_same(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    other = page.context.new_page()
    _open(page, namespace, 3)
    _open(other, namespace, 3)
    page.get_by_role("link", name="Task gamma").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(other.locator("[data-row]")).to_have_count(2)


def test_language_and_theme_are_a_choice(page: Page, objects: Objects, namespace: str) -> None:
    _three(objects)
    _open(page, namespace, 3)
    page.get_by_label("Language, theme and sessions").click()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("任务")
    assert f"namespace={namespace}" in page.url
    page.get_by_label("语言、主题与会话").click()
    page.get_by_role("button", name="深色").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"

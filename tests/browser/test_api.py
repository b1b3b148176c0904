"""The reference of the API: found, read and tried."""

from playwright.sync_api import Page, expect

from tests.browser.test_hostile import MARKUP
from tests.facade.objects import Objects


def test_an_endpoint_is_tried(page: Page, objects: Objects, namespace: str) -> None:
    objects.create("a", taskName="A task")
    page.goto("/console/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("HTTP API")
    page.get_by_role("link", name="List tasks").click()
    page.get_by_label("X-CronTask-Namespace").fill(namespace)
    page.get_by_label("Body").fill('{"limit": 5}')
    page.evaluate("window.notReloaded = true")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("HTTP 200")
    expect(page.locator("#answer pre")).to_contain_text('"name": "A task"')
    assert page.evaluate("window.notReloaded")
    # What was written is still there, to be changed and sent again.
    expect(page.get_by_label("Body")).to_have_value('{"limit": 5}')
    page.get_by_label("Body").fill('{"limit": 0}')
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.locator("#answer pre")).to_contain_text("limit")


def test_what_comes_back_is_shown_as_text(page: Page, objects: Objects, namespace: str) -> None:
    objects.create("a", taskName=MARKUP)
    page.goto("/console/api/crontab-list_task")
    page.get_by_label("X-CronTask-Namespace").fill(namespace)
    page.get_by_label("Body").fill('{"</textarea><script>window.owned=1</script>": 1}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#answer pre")).to_contain_text("onerror")
    assert page.evaluate("window.owned") is None
    assert page.locator("img, main script").count() == 0

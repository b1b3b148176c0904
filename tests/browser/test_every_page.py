"""Every page in both themes and at every width: for everybody, and nothing cut off."""

import pytest
from playwright.sync_api import Browser

from dev.programs import Program
from tests.browser.axe import complaints
from tests.browser.company import found_company
from tests.browser.watched import Watched
from tests.facade.objects import Objects
from tests.support.wait import eventually_sync

WIDTHS = (360, 1366, 2560)


def addresses(namespace: str) -> dict[str, str]:
    """Return the pages by name, of a company in `namespace`."""
    return {
        "overview": "/console/",
        "tasks": f"/console/tasks?namespace={namespace}",
        "filtered": f"/console/tasks?namespace={namespace}&phase=Active&text=zzz",
        "failing": f"/console/tasks/{namespace}/task-02",
        "paused": f"/console/tasks/{namespace}/task-12",
        "lost": f"/console/tasks/{namespace}/nothing",
        "runs": f"/console/runs?namespace={namespace}",
        "runs narrowed": f"/console/runs?namespace={namespace}&status=Failed",
        "runs not found": f"/console/runs?namespace={namespace}&task=nothing&reason=Timeout",
        "api": "/console/api",
        "endpoint": "/console/api/crontab-list_runs",
        "lost run": f"/console/runs/{namespace}/x/y",
        "new": f"/console/new?namespace={namespace}",
        "edit": f"/console/tasks/{namespace}/task-02/edit",
        "clone": f"/console/new?clone={namespace}/task-06",
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("has_history", [False, True])
def test_it_is_for_everybody_and_fits(
    theme: str,
    language: str,
    has_history: bool,
    browser: Browser,
    console: Program,
    recorded: Program,
    history_url: str,
    objects: Objects,
    namespace: str,
) -> None:
    found_company(objects, history_url=history_url if has_history else None)
    console = recorded if has_history else console
    context = browser.new_context(
        base_url=console.url,
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
    )
    page = context.new_page()
    with Watched(page, console.url, expected=("status of 404",)):
        page.goto(f"/console/tasks?namespace={namespace}")
        eventually_sync(lambda: page.reload() and page.locator("[data-row]").count() == 12)
        for name, address in addresses(namespace).items():
            page.goto(address)
            for details in page.locator(".more, .yaml, .without, .part").all():
                details.evaluate("each => each.open = true")
            assert complaints(page) == [], name
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                    f"{name} at {width}"
                )
                # Words give way to pictures on a phone, in any language and theme alike.
                if width == WIDTHS[0] and language == "en-GB":
                    assert complaints(page) == [], f"{name} at {width}"
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_login_is_for_everybody(theme: str, browser: Browser, guarded: Program) -> None:
    context = browser.new_context(
        base_url=guarded.url, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    with Watched(page, guarded.url, expected=("status of 401",)):
        page.goto("/console/")
        assert complaints(page) == []
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("This token is not accepted.").wait_for()
        assert complaints(page) == []
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_form_with_mistakes_and_conflicts_is_for_everybody(
    theme: str, browser: Browser, console: Program, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="Shared", type="Daily")
    context = browser.new_context(
        base_url=console.url,
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-GB",
    )
    page = context.new_page()
    with Watched(page, console.url, expected=("status of 422",)):
        page.goto(f"/console/tasks/{namespace}/a/edit")
        page.locator("details.part").first.evaluate("each => each.open = true")
        page.locator("[name=schedule]").fill("0 9 * * *")
        page.locator("[name='callback.http.headers.0.name']").fill("X A" * 40)
        page.get_by_role("button", name="Check").click()
        page.locator("#told").wait_for()
        assert complaints(page) == []
        objects.merge("a", {"spec": {"schedule": "0 10 * * *"}})
        page.locator(".bar").get_by_role("button", name="Save").click()
        page.locator(".conflict").wait_for()
        assert complaints(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    context.close()


def test_dialogs_are_for_everybody(
    browser: Browser, console: Program, objects: Objects, namespace: str
) -> None:
    found_company(objects)
    context = browser.new_context(base_url=console.url, locale="en-GB")
    page = context.new_page()
    with Watched(page, console.url):
        page.goto(f"/console/tasks/{namespace}/task-01")
        page.keyboard.press("?")
        page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
        assert complaints(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog", name="Delete 1 task?").wait_for()
        assert complaints(page) == []
    context.close()

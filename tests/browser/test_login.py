"""Logging in, being sent back to where one was, and out again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.programs import Program
from tests.browser.watched import Watched


@pytest.fixture
def stranger(browser: Browser, guarded: Program) -> Iterator[Page]:
    """A browser that has never been at a console with tokens."""
    context = browser.new_context(base_url=guarded.url, locale="en-GB")
    page = context.new_page()
    with Watched(page, guarded.url, expected=("status of 401",)):
        yield page
    context.close()


def _log_in(page: Page) -> None:
    page.get_by_label("Token").fill("ops-secret")
    page.get_by_role("button", name="Log in").click()


def test_who_logs_in_is_where_they_wanted_to_go(stranger: Page) -> None:
    stranger.goto("/console/tasks?failing=1&text=a%26b")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Log in")
    _log_in(stranger)
    stranger.wait_for_url("**/console/tasks?failing=1&text=a%26b")
    expect(stranger.locator(".user")).to_have_text("ops")

    (cookie,) = [each for each in stranger.context.cookies() if each["name"] == "crontask_console"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/console")
    assert "ops-secret" not in cookie["value"]

    stranger.get_by_role("button", name="Log out").click()
    stranger.wait_for_url("**/console/login")
    stranger.goto("/console/")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Log in")


def test_who_logs_out_everywhere_is_out_in_other_browsers_too(
    stranger: Page, browser: Browser, guarded: Program
) -> None:
    with browser.new_context(base_url=guarded.url, locale="zh-CN") as context:
        other = context.new_page()
        for page in (stranger, other):
            page.goto("/console/tasks")
            page.locator("input[name=token]").fill("ops-secret")
            page.keyboard.press("Enter")
            expect(page.locator(".user")).to_have_text("ops")
        stranger.get_by_title("Language, theme and sessions").click()
        stranger.get_by_role("button", name="Log out everywhere").click()
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Log in")
        # Without anybody touching it.
        expect(other.get_by_role("heading", level=1)).to_have_text("登录")


def test_a_link_on_another_site_leads_to_the_page_and_not_to_the_login(
    stranger: Page, guarded: Program
) -> None:
    stranger.goto("/console/")
    _log_in(stranger)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Overview")
    # Of the same machine, but another site: a name is none of the address's.
    other = guarded.url.replace("127.0.0.1", "localhost")
    link = f"<a href='{guarded.url}/console/tasks'>look</a>"
    foreign = stranger.context.new_page()
    foreign.route("**/elsewhere", lambda route: route.fulfill(body=link, content_type="text/html"))
    foreign.goto(f"{other}/elsewhere")
    foreign.get_by_text("look").click()
    expect(foreign.get_by_role("heading", level=1)).to_have_text("Tasks")

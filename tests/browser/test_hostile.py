"""Whatever authors and targets write, a page shows it as text and does nothing of it."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dev.programs import Program
from tests.browser.watched import Watched
from tests.facade.objects import Objects

MARKUP = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'
POWERED = '<b hx-get="/console/" hx-trigger="load" hx-target="body">b</b>'
TEMPLATE = "{{ 7 * 7 }}{% raw %}"
TURNED = "pay\u202etxt.exe\u2066"
NAME = f"{MARKUP}{TEMPLATE}{TURNED}'\"&amp;"
ALL = "\n".join((MARKUP, POWERED, TEMPLATE, TURNED, "\x00\x1b[31m", "</pre></textarea></style>-->"))


@pytest.fixture
def hostile(objects: Objects) -> str:
    """The name of a task that is hostile wherever it can be."""
    objects.create(
        "evil",
        taskName=NAME[:253],
        callback={
            "http": {
                "url": "http://x.example/?" + MARKUP.replace(" ", "+"),
                "body": ALL.replace("\x00", ""),
                "headers": [{"name": "X-A", "value": MARKUP}],
            }
        },
        expect={"bodyRegex": "<script>window.owned=1</script>"},
    )
    record = {
        "executionId": MARKUP[:60],
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Failed",
        "scheduledTime": "2026-03-01T00:00:00Z",
        "beginTime": "2026-03-01T00:00:00Z",
        "endTime": "2026-03-01T00:00:01Z",
        "url": ALL,
        "body": ALL,
        "response": ALL,
        "error": ALL,
        "code": 200,
        "reason": "BodyMismatch",
    }
    condition = {
        "type": "Accepted",
        "status": "False",
        "reason": "Evil",
        "message": ALL,
        "lastTransitionTime": "2026-03-01T00:00:00Z",
    }
    objects.set_status(
        "evil",
        phase="Active",
        runs=[record],
        conditions=[condition],
        consecutiveFailures=1,
        lastFailureTime="2026-03-01T00:00:01Z",
    )
    return "evil"


def test_every_page_shows_it_as_text(page: Page, hostile: str, namespace: str) -> None:
    for address in (
        f"/console/tasks?namespace={namespace}",
        f"/console/tasks/{namespace}/{hostile}",
        "/console/",
        f"/console/tasks?namespace={namespace}&text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    ):
        page.goto(address)
        page.wait_for_load_state()
        assert page.evaluate("window.owned") is None
        assert page.locator("img, main script, main b[hx-get]").count() == 0
        assert "\u202e" not in page.content()


def test_it_is_shown_with_what_hides_in_it(page: Page, hostile: str, namespace: str) -> None:
    page.goto(f"/console/tasks/{namespace}/{hostile}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("{{ 7 * 7 }}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("pay⟨U+202E⟩txt.exe⟨U+2066⟩")
    expect(page.locator("ol.runs")).to_contain_text("␀␛[31m")


def test_questions_and_answers_show_it_as_text(page: Page, hostile: str, namespace: str) -> None:
    page.goto(f"/console/tasks/{namespace}/{hostile}")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#notice")).to_contain_text("<img src=x")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("<script>window.owned=1</script>")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("1 task done")
    assert page.evaluate("window.owned") is None
    assert page.locator("img, #ask script").count() == 0


def test_a_script_that_got_in_nevertheless_would_not_run(
    context: BrowserContext, console: Program
) -> None:
    page = context.new_page()
    with Watched(page, console.url, expected=("Trusted",)):
        page.goto("/console/tasks")
        ran = page.evaluate(
            """() => {
              const script = document.createElement("script");
              try { script.textContent = "window.owned = 1"; } catch (error) { return error.name; }
              document.body.append(script);
              return window.owned ? "ran" : "refused";
            }"""
        )
        assert ran == "TypeError"

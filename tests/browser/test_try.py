"""A test call from the form: made by the operator, with nothing saved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.programs import Program
from tests.browser.axe import complaints
from tests.browser.forms import field
from tests.facade.objects import Objects
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync


@pytest.fixture
def operator(control_plane: ControlPlane, namespace: str) -> Iterator[Program]:
    """An operator of the test's namespace."""
    with run_operator(control_plane, namespace) as program:
        yield program


def _send(page: Page) -> None:
    page.get_by_role("button", name="Send a test call now").click()


@pytest.mark.usefixtures("operator")
def test_a_call_shows_request_and_answer_and_saves_nothing(
    form: Page, echo: EchoServer, objects: Objects, namespace: str
) -> None:
    form.goto(f"/console/new?namespace={namespace}")
    result = form.locator("#trial")
    # Of the form only what makes the call has to be right, and it has no name yet.
    _send(form)
    expect(result.get_by_role("link", name="URL")).to_be_visible()
    field(form, "callback.http.url").fill(f"{echo.url}/ping")
    field(form, "callback.http.body").fill("<b>hello</b>")
    _send(form)
    expect(result).to_contain_text("Succeeded")
    expect(result.locator("pre").first).to_contain_text(f"{echo.url}/ping\n\n<b>hello</b>")
    expect(result).to_contain_text("Code 200")
    eventually_sync(lambda: objects.names() == [])
    assert complaints(form) == []
    # What was written is still there, and asked for before it is thrown away.
    expect(field(form, "callback.http.body")).to_have_value("<b>hello</b>")

    # The operator's guard holds, for it makes the call.
    field(form, "callback.http.url").fill("http://169.254.169.254/latest/meta-data")
    _send(form)
    expect(result).to_contain_text("AddressDenied")
    field(form, "callback.http.url").fill(f"{echo.url}/ping")
    form.get_by_text("What counts as success").click()
    field(form, "expect.bodyRegex").fill("never")
    _send(form)
    expect(result).to_contain_text("BodyMismatch")
    eventually_sync(lambda: objects.names() == [])


@pytest.mark.usefixtures("operator")
def test_a_change_is_tried_before_it_is_saved(
    form: Page, echo: EchoServer, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A", suspend=True, retry={"delaysSeconds": [60]})
    before = objects.get("a")["spec"]
    form.goto(f"/console/tasks/{namespace}/a/edit")
    field(form, "callback.http.url").fill(f"{echo.url}/changed")
    form.get_by_role("button", name="Send a test call now").focus()
    form.keyboard.press("Enter")
    expect(form.locator("#trial")).to_contain_text("/changed")
    expect(form.locator("#trial")).to_contain_text("Succeeded")
    eventually_sync(lambda: objects.names() == ["a"])
    assert objects.get("a")["spec"] == before
    assert objects.get("a")["status"].get("runs", []) == []

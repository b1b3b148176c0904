"""The form for a task: its whole life by mouse, and again by keyboard."""

from playwright.sync_api import Page, expect

from tests.browser.forms import create, field, save
from tests.facade.objects import Objects

URL = "http://127.0.0.1:1/report"


def test_the_life_of_a_task_by_mouse(form: Page, objects: Objects, namespace: str) -> None:
    form.goto(f"/console/tasks?namespace={namespace}")
    form.get_by_role("link", name="New task").click()
    field(form, "taskName").fill("每日报表")
    expect(field(form, "namespace")).to_have_value(namespace)

    # The next runs and the schedule in words, while it is typed.
    field(form, "schedule").fill("30 8 * * MON-FRI")
    field(form, "timeZone").fill("Europe/Berlin")
    preview = form.locator("#preview")
    expect(preview).to_contain_text("every weekday at 08:30 Europe/Berlin")
    expect(preview.locator("tbody tr:not(.change)")).to_have_count(5)
    field(form, "schedule").fill("61 8 * * *")
    expect(preview).to_contain_text("61")
    expect(preview.locator("tbody tr")).to_have_count(0)
    field(form, "schedule").fill("30 8 * * MON-FRI")

    field(form, "callback.http.url").fill(URL)
    field(form, "callback.http.body").fill('{"a": 1}\nline 2')
    form.get_by_text("Headers", exact=True).click()
    headers = "callback.http.headers"
    field(form, f"{headers}.0.name").fill("X-Tenant")
    field(form, f"{headers}.0.value").fill("t7")
    form.get_by_role("button", name="More rows").click()
    # What was written is still there, and nothing was saved.
    expect(field(form, f"{headers}.4.name")).to_be_visible()
    expect(field(form, f"{headers}.0.value")).to_have_value("t7")
    field(form, f"{headers}.3.name").fill("Accept")
    field(form, f"{headers}.3.value").fill("text/plain")
    form.get_by_text("Retries", exact=True).click()
    expect(field(form, "retry.delaysSeconds")).to_be_hidden()
    form.get_by_label("after given delays").check()
    field(form, "retry.delaysSeconds").fill("2, 4 8")
    assert objects.names() == []
    create(form)

    expect(form.get_by_role("heading", level=1)).to_have_text("每日报表")
    (name,) = objects.names()
    spec = objects.get(name)["spec"]
    assert spec["schedule"] == "30 8 * * MON-FRI"
    assert spec["timeZone"] == "Europe/Berlin"
    assert spec["retry"] == {"delaysSeconds": [2, 4, 8]}
    http = spec["callback"]["http"]
    assert (http["url"], http["body"]) == (URL, '{"a": 1}\nline 2')
    assert http["headers"] == [
        {"name": "X-Tenant", "value": "t7"},
        {"name": "Accept", "value": "text/plain"},
    ]

    form.get_by_role("link", name="Edit").click()
    form.get_by_label("Paused: it runs only").check()
    form.get_by_text("Records, labels and the object").click()
    field(form, "metadata.labels").fill("team=payments")
    save(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("每日报表")
    task = objects.get(name)
    assert task["spec"]["suspend"] is True
    assert task["metadata"]["labels"]["team"] == "payments"
    assert task["spec"]["callback"]["http"]["headers"] == http["headers"]

    form.get_by_role("link", name="Clone").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Clone of 每日报表")
    field(form, "taskName").fill("Another report")
    form.get_by_label("gRPC").check()
    expect(field(form, "callback.http.url")).to_be_hidden()
    field(form, "callback.grpc.address").fill("reports.shop.svc:50051")
    field(form, "callback.grpc.service").fill("shop.v1.Reports")
    field(form, "callback.grpc.method").fill("Send")
    create(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("Another report")
    (clone,) = [each for each in objects.names() if each != name]
    assert objects.get(clone)["spec"]["callback"] == {
        "grpc": {
            "address": "reports.shop.svc:50051",
            "service": "shop.v1.Reports",
            "method": "Send",
        }
    }
    assert objects.get(clone)["spec"]["retry"] == {"delaysSeconds": [2, 4, 8]}

    form.get_by_role("button", name="Delete").click()
    form.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(form.get_by_role("dialog")).to_contain_text("1 task done")
    assert objects.names() == [name]


def test_a_task_is_made_and_changed_by_keyboard(
    form: Page, objects: Objects, namespace: str
) -> None:
    objects.create("seen", taskName="Seen")
    form.goto(f"/console/tasks?namespace={namespace}")
    form.keyboard.press("g")
    form.keyboard.press("n")
    expect(form.get_by_role("heading", level=1)).to_have_text("New task")
    field(form, "taskName").focus()
    form.keyboard.type("By keyboard")
    form.keyboard.press("Tab")
    form.keyboard.press("Control+a")
    form.keyboard.type(namespace)
    form.keyboard.press("Tab")
    expect(form.get_by_label("again and again")).to_be_focused()
    form.keyboard.press("ArrowRight")
    expect(form.get_by_label("once, at a moment")).to_be_checked()
    form.keyboard.press("Tab")
    expect(field(form, "at")).to_be_focused()
    form.keyboard.type("2199-01-01T00:00:00Z")
    expect(form.locator("#preview tbody")).to_contain_text("2199-01-01")
    form.keyboard.press("Tab")
    form.keyboard.press("Space")
    form.keyboard.press("Tab")
    # The moments, which scroll on small screens, and the protocol.
    form.keyboard.press("Tab")
    form.keyboard.press("Tab")
    expect(field(form, "callback.http.url")).to_be_focused()
    form.keyboard.type(URL)
    form.keyboard.press("Enter")

    expect(form.get_by_role("heading", level=1)).to_have_text("By keyboard")
    (name,) = [each for each in objects.names() if each != "seen"]
    spec = objects.get(name)["spec"]
    assert (spec["at"], spec["suspend"], "schedule" in spec) == (
        "2199-01-01T00:00:00Z",
        True,
        False,
    )
    form.get_by_role("link", name="Edit").focus()
    form.keyboard.press("Enter")
    summary = form.locator("summary", has_text="Retries")
    summary.focus()
    form.keyboard.press("Enter")
    form.keyboard.press("Tab")
    form.keyboard.press("ArrowRight")
    form.keyboard.press("ArrowRight")
    form.keyboard.press("Tab")
    expect(field(form, "retry.backoff.attempts")).to_be_focused()
    form.keyboard.type("5")
    form.keyboard.press("Enter")
    expect(form.get_by_role("heading", level=1)).to_have_text("By keyboard")
    assert objects.get(name)["spec"]["retry"]["backoff"]["attempts"] == 5

"""The form when things go wrong: mistakes, conflicts, leaving too early, hostile content."""

from playwright.sync_api import Dialog, Page, expect

from tests.browser.forms import create, field, open_all, save
from tests.facade.objects import Objects
from tests.support.wait import eventually_sync
from tests.unit.console.submitted import submitted


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    form: Page, objects: Objects, namespace: str
) -> None:
    form.goto(f"/console/new?namespace={namespace}")
    open_all(form)
    field(form, "taskName").fill("Wrong")
    field(form, "schedule").fill("* * *")
    field(form, "callback.http.url").fill("ftp://x")
    field(form, "timeoutSeconds").fill("ten")
    field(form, "historyLimit").fill("4711")
    field(form, "callback.http.headers.0.name").fill("Content-Length")
    field(form, "callback.http.headers.0.value").fill("1")
    form.get_by_role("button", name="Check").click()

    for name, part in (
        ("schedule", "expected 5 fields"),
        ("callback.http.url", "expected an absolute URL"),
        ("timeoutSeconds", "Expected a whole number, found ten."),
        ("historyLimit", "should be less than or equal to 100"),
    ):
        shown = field(form, name)
        expect(shown).to_have_attribute("aria-invalid", "true")
        described = shown.get_attribute("aria-describedby") or ""
        expect(form.locator(f"[id='{described.split()[0]}']")).to_contain_text(part)
    expect(form.locator(".row").first).to_contain_text(
        "the header Content-Length is set by the operator"
    )
    # The list of what is wrong has the focus, and leads to each field.
    told = form.locator("#told")
    expect(told).to_be_focused()
    expect(told.get_by_role("listitem")).to_have_count(5)
    told.get_by_role("link", name="Schedule").click()
    expect(field(form, "callback.http.url")).to_have_value("ftp://x")
    expect(field(form, "timeoutSeconds")).to_have_value("ten")
    assert objects.names() == []

    field(form, "schedule").fill("0 0 30 2 *")
    field(form, "callback.http.url").fill("https://x.example/")
    field(form, "timeoutSeconds").fill("")
    field(form, "historyLimit").fill("")
    field(form, "callback.http.headers.0.name").fill("X-Length")
    # What only the operator can judge is told here, and not by a task that is Invalid.
    create(form)
    expect(form.locator("#told")).to_contain_text("30 2")
    field(form, "schedule").fill("@daily")
    field(form, "timeZone").fill("Mars/Base")
    create(form)
    expect(form.locator("#told")).to_contain_text("Mars/Base")
    assert objects.names() == []
    field(form, "timeZone").fill("UTC")
    form.get_by_role("button", name="Check").click()
    expect(form.get_by_text("Checked: the API server would take it.")).to_be_visible()
    assert objects.names() == []
    create(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("Wrong")

    form.goto(f"/console/new?namespace={namespace}")
    field(form, "taskName").fill("Wrong")
    field(form, "schedule").fill("@daily")
    field(form, "callback.http.url").fill("https://x.example/")
    create(form)
    expect(form.locator("#told")).to_contain_text("A task of this name exists")


def test_a_conflict_shows_both_versions_and_lets_one_choose(
    form: Page, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="Shared", schedule="0 8 * * *", module=1)
    form.goto(f"/console/tasks/{namespace}/a/edit")
    field(form, "schedule").fill("0 9 * * *")
    open_all(form)
    field(form, "module").fill("2")
    # A status is no conflict.
    objects.set_status("a", phase="Active")
    objects.merge("a", {"spec": {"schedule": "0 10 * * *", "timeZone": "Asia/Shanghai"}})
    save(form)

    expect(form.get_by_role("heading", name="Others changed this task")).to_be_visible()
    schedule = form.get_by_role("group", name="Schedule")
    expect(schedule).to_contain_text("0 9 * * *")
    expect(schedule).to_contain_text("0 10 * * *")
    expect(schedule.get_by_label("Yours")).to_be_checked()
    # What one did not touch is by default as others left it; what they did not, is not asked.
    zone = form.get_by_role("group", name="Time zone")
    expect(zone.get_by_label("Saved meanwhile")).to_be_checked()
    expect(form.locator(".difference")).to_have_count(2)
    assert objects.get("a")["spec"]["schedule"] == "0 10 * * *"

    # They are quicker once more: asked again, of what is new alone.
    objects.merge("a", {"spec": {"schedule": "0 11 * * *"}})
    save(form)
    expect(form.get_by_role("group", name="Schedule")).to_contain_text("0 11 * * *")
    form.get_by_role("group", name="Schedule").get_by_label("Saved meanwhile").check()
    save(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("Shared")
    spec = objects.get("a")["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["module"]) == (
        "0 11 * * *",
        "Asia/Shanghai",
        2,
    )


def test_a_task_that_was_made_anew_is_not_overwritten(
    form: Page, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="Old")
    form.goto(f"/console/tasks/{namespace}/a/edit")
    objects.delete("a")
    objects.create("a", taskName="New")
    field(form, "schedule").fill("0 9 * * *")
    for _ in range(2):
        save(form)
        expect(form.locator("#told")).to_contain_text("This task is gone")
        expect(field(form, "schedule")).to_have_value("0 9 * * *")
    assert objects.get("a")["spec"]["schedule"] == "*/5 * * * *"


def test_nothing_is_thrown_away_without_asking(
    form: Page, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="Shared")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    form.on("dialog", stay)
    form.goto(f"/console/tasks/{namespace}/a/edit")
    form.get_by_role("link", name="Tasks", exact=True).click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Tasks")
    form.go_back()
    field(form, "schedule").press_sequentially(" ")
    form.get_by_role("link", name="Tasks", exact=True).click()
    eventually_sync(lambda: asked == ["beforeunload"])
    expect(form.get_by_role("heading", level=1)).to_have_text("Edit Shared")
    # What was sent and came back with a complaint is as unsaved as before.
    field(form, "schedule").fill("x")
    save(form)
    expect(form.locator("#told")).to_be_visible()
    form.get_by_role("link", name="Cancel").click()
    eventually_sync(lambda: asked == ["beforeunload"] * 2)
    assert asked == ["beforeunload"] * 2


HOSTILE = '<img src=x onerror="window.owned=1">{{7*7}}\u202e\x1b[31m"\'</textarea></script>'


def test_hostile_content_is_text_and_is_not_changed(
    form: Page, objects: Objects, namespace: str
) -> None:
    objects.create(
        "evil",
        taskName=HOSTILE.replace("\x1b", ""),
        callback={
            "http": {
                "url": "http://x.example/?" + HOSTILE.split("{")[0].replace(" ", "+"),
                "body": f"\n{HOSTILE}\r\nb\rc\x00 \u2028",
                "headers": [{"name": "X-A", "value": '"><script>window.owned=1</script>'}],
            }
        },
        expect={"bodyRegex": "<script>\\x{202e}\u202e"},
    )
    before = objects.get("evil")["spec"]
    form.goto(f"/console/tasks/{namespace}/evil/edit")
    open_all(form)
    assert form.evaluate("window.owned") is None
    assert form.locator("img, main script").count() == 0
    assert "\u202e" not in form.content()
    expect(field(form, "callback.http.body")).to_have_value(
        '\n<img src=x onerror="window.owned=1">{{7*7}}⟨U+202E⟩␛[31m"\'</textarea></script>␍\n'
        "b␍c␀ ⟨U+2028⟩"
    )
    field(form, "timeoutSeconds").fill("31")
    save(form)
    expect(form.get_by_role("heading", level=1)).to_contain_text("{{7*7}}")
    assert objects.get("evil")["spec"] == {**before, "timeoutSeconds": 31}

    # And what a browser sends of the page is what the tests of the round trip take it for.
    form.goto(f"/console/tasks/{namespace}/evil/edit")
    sent = form.evaluate(
        "[...new FormData(document.getElementById('form'))].map(([name, value]) => [name, value])"
    )
    source = form.request.get(f"/console/tasks/{namespace}/evil/edit").text()
    taken = source[source.index('<form id="form"') :]
    taken = taken[: taken.index("</form>")]
    known = {"mark", "base"}
    as_lines = {name: value.replace("\r\n", "\n") for name, value in submitted(taken)}
    assert {name: value.replace("\r\n", "\n") for name, value in sent if name not in known} == {
        name: value for name, value in as_lines.items() if name not in known
    }

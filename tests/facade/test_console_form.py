"""Who may make and change tasks at the console, and what they can take along with it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crontask_api.console.form.draft import read_draft
from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.cluster import create_reader
from tests.facade.objects import Objects
from tests.facade.test_console_login import CONSOLE, log_in, mark_in
from tests.support.programs import run_facade
from tests.unit.console.submitted import Pairs, submitted

HIDDEN = "k3y-that-is-hidden"
HEADERS = [
    {"name": "X-Api-Key", "value": HIDDEN},
    {"name": "Authorization", "secretKeyRef": {"name": "token", "key": "value"}},
]
CALLBACK = {"http": {"url": "https://a.example/x", "headers": HEADERS}}
OWNED = "https://owned.example/x"


@pytest.fixture(scope="module")
def clerk_console(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """A facade with the console and tokens of its own, which give no right in the cluster."""
    tokens: Path = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.write_text("clerk:clerk-secret\n")
    settings = {
        **CONSOLE,
        "CRONTASK_API_AUTH": "token",
        "CRONTASK_API_TOKENS_PATH": str(tokens),
    }
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def clerk(clerk_console: Program) -> Iterator[httpx.Client]:
    """A browser of somebody who may make and change tasks, and read nothing of the cluster."""
    with plain_client(clerk_console.url) as client:
        assert log_in(client, "clerk-secret").status_code == 303
        yield client


@pytest.fixture(scope="module")
def cluster_console(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console and auth=kubernetes."""
    settings = {**CONSOLE, "CRONTASK_API_AUTH": "kubernetes"}
    with run_facade(control_plane, "default", settings=settings) as program:
        yield program


@pytest.fixture
def reader(
    control_plane: ControlPlane, kube: httpx.Client, namespace: str, cluster_console: Program
) -> Iterator[httpx.Client]:
    """A browser of somebody who may read tasks, and no more."""
    create_reader(kube, namespace, "client")
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    with plain_client(cluster_console.url) as client:
        assert log_in(client, token).status_code == 303
        yield client


LOGIN = '<form method="post" action="/console/login"'
GO_ON = '<form method="post" action="/console/tasks/'


def form_in(page: str, begin: str = '<form id="form"') -> Pairs:
    """Return what a browser would send of the form on a page."""
    start = page.index(begin)
    return submitted(page[start : page.index("</form>", start)])


def filled(page: str, **texts: str) -> dict[str, str]:
    """Return the same with some fields filled in, and saved."""
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return {**dict(form_in(page)), **named, "action": "save"}


def test_what_may_not_be_read_stays_where_it_is(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A", callback=CALLBACK)
    address = f"/console/tasks/{namespace}/a/edit"
    page = clerk.get(address).text
    assert HIDDEN not in page

    # On another path of the same host, all of it stays.
    answer = clerk.post(address, data=filled(page, callback__http__url="https://a.example/y"))
    assert answer.status_code == 303, answer.text
    # Another task's page does not say so, and the own one once.
    assert "Saved A." not in clerk.get("/console/tasks").text
    pages = [clerk.get(answer.headers["location"]).text for _ in range(2)]
    assert ["Saved A." in each for each in pages] == [True, False]
    http = objects.get("a")["spec"]["callback"]["http"]
    assert (http["url"], http["headers"]) == ("https://a.example/y", HEADERS)

    for change, said in (
        ({"callback__http__url": OWNED}, "Secret token"),
        ({"callback__http__url": OWNED}, "The header X-Api-Key"),
        ({"expect__bodyRegex": "^a"}, "Secret token"),
        ({"callback__http__tls": "insecure"}, "Secret token"),
        (
            {
                "callback__http__headers__2__name": "X-B",
                "callback__http__headers__2__source": "secret",
                "callback__http__headers__2__secretKeyRef__name": "crown",
                "callback__http__headers__2__secretKeyRef__key": "jewels",
            },
            "Secret crown",
        ),
        ({"callback__http__headers__1__secretKeyRef__name": "crown"}, "Secret crown"),
    ):
        page = clerk.get(address).text
        answer = clerk.post(address, data=filled(page, **change))
        assert answer.status_code == 422
        assert said in answer.text
        assert HIDDEN not in answer.text
    assert objects.get("a")["spec"]["callback"]["http"]["headers"] == HEADERS


def test_a_clone_takes_it_to_the_same_place_and_nowhere_else(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A", callback=CALLBACK)
    page = clerk.get(f"/console/new?clone={namespace}/a").text
    assert HIDDEN not in page
    for change, said in (
        ({"callback__http__url": OWNED}, "Secret token"),
        # In another namespace are other Secrets, and no header to take over.
        ({"namespace": "default"}, "set one of value and secretKeyRef"),
    ):
        answer = clerk.post("/console/new", data=filled(page, taskName="B", **change))
        assert answer.status_code == 422
        assert said in answer.text
        assert HIDDEN not in answer.text
    assert objects.names() == ["a"]

    answer = clerk.post("/console/new", data=filled(page, taskName="B"))
    assert answer.status_code == 303
    (clone,) = [name for name in objects.names() if name != "a"]
    # The page says so once.
    pages = [clerk.get(answer.headers["location"]).text for _ in range(2)]
    assert ["Created B." in each for each in pages] == [True, False]
    assert objects.get(clone)["spec"]["callback"]["http"]["headers"] == HEADERS


def test_a_new_task_sends_no_secret_that_its_maker_may_not_read(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    page = clerk.get(f"/console/new?namespace={namespace}").text
    answer = clerk.post(
        "/console/new",
        data=filled(
            page,
            taskName="Thief",
            schedule="@daily",
            callback__http__url=OWNED,
            callback__http__headers__0__name="X-A",
            callback__http__headers__0__source="secret",
            callback__http__headers__0__secretKeyRef__name="token",
            callback__http__headers__0__secretKeyRef__key="value",
        ),
    )
    assert answer.status_code == 422
    assert "Needs the right to get the Secret token" in answer.text
    assert objects.names() == []


def test_one_form_makes_one_task_however_often_it_is_sent(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    page = clerk.get(f"/console/new?namespace={namespace}").text
    data = filled(page, taskName="Once", schedule="@daily", callback__http__url="https://a.example")
    answers = [clerk.post("/console/new", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(objects.names()) == 1
    # With other values it is another task of that name, and so is another form.
    for other in ({**data, "schedule": "@hourly"}, {**data, "token": "x" * 22}):
        assert "A task of this name exists" in clerk.post("/console/new", data=other).text


def test_a_form_from_elsewhere_is_refused(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    page = clerk.get(f"/console/new?namespace={namespace}").text
    data = filled(page, taskName="Forged", schedule="@daily", callback__http__url=OWNED)
    answer = clerk.post("/console/new", data={**data, "mark": "0" * 64})
    assert answer.status_code == 403
    assert objects.names() == []


def test_what_was_written_outlives_the_session(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("kept", taskName="Kept")
    address = f"/console/tasks/{namespace}/kept/edit"
    written = "nightly\x07 of \u202eus"
    form = {**dict(form_in(clerk.get(address).text)), "schedule": written}
    for action in ("save", "try", "more.callback.http.headers"):
        clerk.cookies.clear()
        answer = clerk.post(address, data={**form, "action": action})
        assert (answer.status_code, "What you wrote is kept" in answer.text) == (401, True)
        # A token that is mistyped loses nothing either.
        for token, status in (("wrong", 401), ("clerk-secret", 200)):
            carried = dict(form_in(answer.text, LOGIN))
            answer = clerk.post("/console/login", data={**carried, "token": token})
            assert answer.status_code == status
        assert "What you wrote is still here" in answer.text
        answer = clerk.post(address, data=dict(form_in(answer.text, GO_ON)))
        # It is shown, and nothing was done with it.
        assert answer.status_code == 422
        assert read_draft(form_in(answer.text)).text("schedule") == written
        assert objects.get("kept")["spec"]["schedule"] != written


def test_a_form_of_a_session_before_is_gone_on_with(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("kept", taskName="Kept")
    address = f"/console/tasks/{namespace}/kept/edit"
    form = {**dict(form_in(clerk.get(address).text)), "timeoutSeconds": "77", "action": "save"}
    # In another window.
    log_in(clerk, "clerk-secret")
    answer = clerk.post(address, data=form)
    assert (answer.status_code, "Nothing is saved yet." in answer.text) == (403, True)
    assert objects.get("kept")["spec"].get("timeoutSeconds") != 77
    answer = clerk.post(address, data=dict(form_in(answer.text, GO_ON)))
    shown = dict(form_in(answer.text))
    assert shown["timeoutSeconds"] == "77"
    assert clerk.post(address, data={**shown, "action": "save"}).status_code == 303
    assert objects.get("kept")["spec"]["timeoutSeconds"] == 77


def test_whoever_may_only_read_is_offered_nothing_and_does_nothing(
    reader: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("mine", taskName="Mine")
    for path in (f"/console/tasks?namespace={namespace}", f"/console/tasks/{namespace}/mine"):
        page = reader.get(path).text
        assert "/console/new?" not in page
        assert 'href="/console/new"' not in page
        assert "/edit" not in page
    address = f"/console/tasks/{namespace}/mine/edit"
    assert reader.get(address).status_code == 404
    page = reader.get(f"/console/new?namespace={namespace}").text
    data = filled(page, taskName="Mine too", schedule="@daily", callback__http__url=OWNED)
    answer = reader.post("/console/new", data=data)
    assert answer.status_code == 422
    assert f"You may not create tasks in {namespace}." in answer.text
    data = {"mark": mark_in(page), "action": "save", "schedule": "@daily"}
    assert reader.post(address, data=data).status_code == 404
    assert objects.names() == ["mine"]
    assert objects.get("mine")["spec"]["schedule"] == "*/5 * * * *"


@pytest.mark.parametrize(
    ("namespace_of", "said"), [("../../x", "expected a namespace"), ("", "expected a namespace")]
)
def test_a_namespace_that_is_none_is_told_at_its_field(
    clerk: httpx.Client, namespace_of: str, said: str
) -> None:
    page = clerk.get("/console/new").text
    data = filled(page, taskName="X", schedule="@daily", callback__http__url=OWNED)
    answer = clerk.post("/console/new", data={**data, "namespace": namespace_of})
    assert answer.status_code == 422
    assert said in answer.text


def test_the_largest_body_fits_into_a_form(
    clerk: httpx.Client, objects: Objects, namespace: str
) -> None:
    # Each byte is escaped on the way, and one of them cannot be shown.
    body = "\u00fc" * (262_144 // 2 - 1) + "\x01"
    page = clerk.get(f"/console/new?namespace={namespace}").text
    data = filled(page, taskName="Large", schedule="@daily", callback__http__url=OWNED)
    answer = clerk.post("/console/new", data={**data, "callback.http.body": body})
    assert answer.status_code == 303
    (name,) = objects.names()
    address = f"/console/tasks/{namespace}/{name}/edit"
    answer = clerk.post(address, data=filled(clerk.get(address).text, timeoutSeconds="7"))
    assert answer.status_code == 303, answer.text[:2000]
    spec = objects.get(name)["spec"]
    assert (spec["timeoutSeconds"], spec["callback"]["http"]["body"]) == (7, body)

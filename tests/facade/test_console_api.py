"""The console's reference of the HTTP API: complete, and tried with the visitor's rights alone."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from dev.control_plane import ControlPlane
from dev.programs import Program
from tests.facade.client import plain_client
from tests.facade.cluster import create_reader
from tests.facade.objects import Json, Objects
from tests.facade.test_console_login import CONSOLE, TOKEN, log_in, mark_in
from tests.support.programs import run_facade

PATH = "/console/api/crontab-{}"


@pytest.fixture(scope="module")
def open_program(control_plane: ControlPlane) -> Iterator[Program]:
    """A facade with the console and without authentication."""
    with run_facade(control_plane, "default", settings=CONSOLE) as program:
        yield program


@pytest.fixture
def visitor(open_program: Program) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with plain_client(open_program.url) as client:
        yield client


def tried(client: httpx.Client, name: str, body: str, **fields: str) -> tuple[int, Json]:
    """Return the status and the body that the page shows as the answer."""
    path = PATH.format(name)
    mark = mark_in(client.get(path).text)
    page = client.post(path, data={"mark": mark, "body": body, **fields}).text
    (status,) = re.findall(r"HTTP (\d+)</span>", page)
    answer = page[page.index('id="answer"') :]
    shown: Json = json.loads(unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", answer, re.S)[0]))
    return int(status), shown


def test_every_endpoint_has_a_page_with_every_field(visitor: httpx.Client) -> None:
    document = visitor.get("/openapi.json").json()
    overview = visitor.get("/console/api").text
    for path, methods in document["paths"].items():
        for operation in methods.values():
            address = f"/console/api/{path.strip('/').replace('/', '-')}"
            assert f'href="{address}"' in overview
            page = visitor.get(address)
            assert page.status_code == 200
            assert operation["summary"] in unescape(page.text)
    text = visitor.get(PATH.format("list_runs")).text
    for field in document["components"]["schemas"]["RunsRequest"]["properties"]:
        assert f"<code>{field}</code>" in text
    assert visitor.get("/console/api/nothing").status_code == 404


def test_the_example_of_a_page_works_as_it_stands(visitor: httpx.Client) -> None:
    page = visitor.get(PATH.format("preview")).text
    example = unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[0])
    status, answer = tried(visitor, "preview", example)
    assert (status, answer["state"], answer["msg"]) == (200, 0, "")


def test_it_is_tried_in_the_namespace_that_is_named(
    visitor: httpx.Client, objects: Objects, namespace: str
) -> None:
    objects.create("a", taskName="A task")
    header = {"header.X-CronTask-Namespace": namespace}
    _, answer = tried(visitor, "list_task", "{}", **header)
    assert [each["name"] for each in answer["data"]["task_list"]] == ["A task"]
    status, answer = tried(visitor, "list_task", "{", **header)
    assert (status, answer["state"]) == (200, 1)


def test_a_request_from_elsewhere_is_not_sent(
    visitor: httpx.Client, objects: Objects, namespace: str
) -> None:
    task = objects.create("a", taskName="A task")["metadata"]["name"]
    data = {
        "mark": "0" * 64,
        "body": json.dumps({"task_list": [{"task_id": task}]}),
        "header.X-CronTask-Namespace": namespace,
    }
    assert visitor.post(PATH.format("delete_task"), data=data).status_code == 403
    data["mark"] = mark_in(visitor.get("/console/").text)
    headers = {"Origin": "https://evil.example"}
    answer = visitor.post(PATH.format("delete_task"), data=data, headers=headers)
    assert answer.status_code == 403
    assert objects.names() == ["a"]


@pytest.mark.parametrize("name", ["metrics", "healthz", "nothing", "console-logout"])
def test_nothing_but_the_api_can_be_tried(visitor: httpx.Client, name: str) -> None:
    data = {"mark": mark_in(visitor.get("/console/").text), "body": "{}"}
    answer = visitor.post(f"/console/api/{name}", data=data)
    assert answer.status_code in (400, 404)


def test_the_plain_page_leads_here(visitor: httpx.Client) -> None:
    answer = visitor.get("/docs")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/console/api")


def test_it_has_the_rights_of_the_session_and_no_others(
    control_plane: ControlPlane, kube: httpx.Client, objects: Objects, namespace: str
) -> None:
    create_reader(kube, namespace, "client")
    objects.create("mine", taskName="Mine")
    token = control_plane.kubectl("create", "token", "client", "--namespace", namespace).strip()
    settings = {**CONSOLE, "CRONTASK_API_AUTH": "kubernetes"}
    header = {"header.X-CronTask-Namespace": namespace}
    stolen = {"header.Authorization": "Bearer of-somebody-else", "header.Host": "elsewhere"}
    with (
        run_facade(control_plane, "default", settings=settings) as program,
        plain_client(program.url) as client,
    ):
        assert client.get("/console/api").status_code == 303
        log_in(client, token)
        assert token not in client.get(PATH.format("list_task")).text
        status, answer = tried(client, "list_task", "{}", **header, **stolen)
        assert (status, answer["data"]["task_list"][0]["name"]) == (200, "Mine")
        body = json.dumps({"task_list": [{"task_id": "mine"}]})
        status, answer = tried(client, "delete_task", body, **header)
        assert status == 403
        assert "may not delete" in answer["msg"]
        assert objects.names() == ["mine"]
        log = program.child.log.read_text()
        assert "/crontab/delete_task" in log
        assert token not in log


def test_it_has_the_token_of_the_session(control_plane: ControlPlane, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"ops:{TOKEN}\n")
    settings = {**CONSOLE, "CRONTASK_API_AUTH": "token", "CRONTASK_API_TOKENS_PATH": str(tokens)}
    with (
        run_facade(control_plane, "default", settings=settings) as program,
        plain_client(program.url) as client,
    ):
        log_in(client)
        assert tried(client, "list_task", "{}")[0] == 200
        assert TOKEN not in client.get(PATH.format("list_task")).text

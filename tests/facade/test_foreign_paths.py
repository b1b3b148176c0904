"""Whatever a client calls a task or a namespace, the facade asks for CronTasks alone."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from dev.control_plane import ControlPlane
from tests.facade.client import Facade, Json, item
from tests.facade.interposer import Interposer
from tests.facade.objects import Objects
from tests.support.programs import run_facade

CRON_TASKS: Final = re.compile(
    r"/apis/crontask\.dev/v1/namespaces/[a-z0-9-]+/crontasks(/[a-z0-9][a-z0-9.-]*)?"
)
HOSTILE: Final = (
    "../..",
    "..",
    ".",
    "../../../../../version",
    "../../kube-system/secrets/x",
    "x/status",
    "x/../y",
    "..%2f..%2fsecrets",
    "%2e%2e",
    "x%2fstatus",
    "?limit=1",
    "x?fieldManager=y",
    "x&limit=9999&continue=z",
    "x,metadata.name!=y",
    "x#y",
    "x\\..\\y",
    "x;y",
    "x\u2028y",
    "\uff0e\uff0e",
    "x..y",
    "X",
    "\U0001f4a5",
    "x" * 253,
)
REFERENCES: Final = ("query_task_status", "run_again_task", "get_task", "delete_task", "pause_task")


@pytest.fixture(scope="module")
def watched(
    control_plane: ControlPlane, between: Interposer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a facade whose requests are seen."""
    kubeconfig = between.write_kubeconfig(tmp_path_factory.mktemp("kubeconfig") / "kubeconfig")
    settings = {"CRONTASK_API_ALLOWED_NAMESPACES": "*"}
    with run_facade(control_plane, "default", kubeconfig=kubeconfig, settings=settings) as program:
        yield program.url


def asked(between: Interposer) -> list[dict[str, str]]:
    """Check that all requests since the last look are for CronTasks; return their queries."""
    seen, between.seen = between.seen, []
    targets = [target for _, target in seen if target != "/apis/crontask.dev/v1"]
    for target in targets:
        path = urlsplit(target).path
        assert CRON_TASKS.fullmatch(path), target
        assert ".." not in path.split("/"), target
    parts = [urlsplit(target).query for target in targets if "?" in target]
    queries = [parse_qsl(part, strict_parsing=True) for part in parts]
    assert all(len(dict(query)) == len(query) for query in queries), queries
    return [dict(query) for query in queries]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_reference_leads_to_no_other_resource(
    watched: str, between: Interposer, namespace: str, objects: Objects, text: str
) -> None:
    objects.create("x", taskName="x")
    before = objects.get("x")
    asked(between)
    with Facade(watched, namespace) as facade:
        for endpoint in REFERENCES:
            for reference in ({"task_id": text}, {"name": text}):
                (result,) = facade.results(endpoint, reference)
                assert result["code"] == 5, (endpoint, result)
        update: Json = {"task_id": text, "name": text, "module": 3}
        assert facade.results("update_task", update)[0]["code"] == 5

    queries = asked(between)
    assert {query["fieldSelector"] for query in queries} == {f"spec.taskName={_escaped(text)}"}
    assert {frozenset(query) for query in queries} == {frozenset({"fieldSelector", "limit"})}
    assert objects.get("x") == before


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_name_makes_a_task_of_that_name(
    watched: str, between: Interposer, namespace: str, objects: Objects, text: str
) -> None:
    asked(between)
    with Facade(watched, namespace) as facade:
        (added,) = facade.add(item(name=text))
        assert added["err"] == ""
        assert facade.get_one(name=text)["task_id"] == added["task_id"]

    assert all("fieldSelector" not in query for query in asked(between))
    assert objects.get(added["task_id"])["spec"]["taskName"] == text


@pytest.mark.parametrize("where", ["header", "field"])
@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isascii()], ids=ascii)
def test_a_namespace_leads_to_no_other_resource(
    watched: str, between: Interposer, text: str, where: str
) -> None:
    asked(between)
    header = {"X-CronTask-Namespace": text} if where == "header" else {}
    field = {"namespace": text} if where == "field" else {}
    with httpx.Client(base_url=watched, headers=header, trust_env=False) as client:
        for endpoint in (*REFERENCES, "add_task", "update_task", "list_task"):
            batch: Json = {} if endpoint == "list_task" else {"task_list": [item(name="x")]}
            answer = client.post(f"/crontab/{endpoint}", json=batch | field).json()
            assert answer["state"] == 1, (endpoint, answer)
            assert answer["msg"].startswith("namespace: expected a namespace's name")

    assert between.seen == []


@pytest.mark.parametrize("cursor", ["../..", "&limit=9999", "%2e%2e", "a?b"])
def test_a_cursor_is_no_query(watched: str, between: Interposer, cursor: str) -> None:
    asked(between)
    with httpx.Client(base_url=watched, trust_env=False) as client:
        answer = client.post("/crontab/list_task", json={"cursor": cursor}).json()
    assert answer["state"] == 1
    assert between.seen == []


def _escaped(text: str) -> str:
    return re.sub(r"([\\,=])", r"\\\1", text)

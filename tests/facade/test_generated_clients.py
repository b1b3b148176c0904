"""Clients that the usual generators make of /openapi.json have everything, and work.

The generators are openapi-python-client and, for Go, oapi-codegen. Neither may drop or
warn of anything, and each client does the four documented calls on a real facade.
"""

import importlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.programs import Program
from tests.facade.client import Facade, Json
from tests.facade.objects import Objects
from tests.facade.test_openapi import ENDPOINTS
from tests.facade.test_query import FIRST, RETRY
from tests.support.generated_clients import make_go_client, make_python_client

GO_SOURCE = Path(__file__).with_name("go_client")
PACKAGE = "crontask_generated"


@pytest.fixture(scope="module")
def document(shared_facade: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document that a facade serves, in a file."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    with Facade(shared_facade.url, "default") as facade:
        path.write_bytes(facade.http.get("/openapi.json").content)
    return path


@pytest.fixture(scope="module")
def python_client(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("python")
    make_python_client(document, folder / PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield folder / PACKAGE


@pytest.fixture(scope="module")
def go_client(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled program of the tests' folder go_client."""
    return make_go_client(document, GO_SOURCE, tmp_path_factory.mktemp("go"))


@dataclass(frozen=True)
class PythonClient:
    """The generated package, for the tasks of one namespace."""

    url: str
    namespace: str

    def call(self, endpoint: str, request: str, /, **fields: Any) -> Any:
        """Return the data of the answer to a request of the model `request`."""
        client = self._import("client").Client(
            # Proxy settings of the environment are not meant for loopback.
            base_url=self.url,
            httpx_args={"trust_env": False},
        )
        module = self._import(f"api.documented.{endpoint}")
        with client:
            answer = module.sync(
                client=client,
                body=self.model(request, **fields),
                x_cron_task_namespace=self.namespace,
            )
        assert (type(answer).__name__[:8], answer.state, answer.msg) == ("AnswerOf", 0, "")
        return answer.data

    def model(self, name: str, /, **fields: Any) -> Any:
        """Return an object of the model `name`."""
        return getattr(self._import("models"), name)(**fields)

    def _import(self, module: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.{module}")


@pytest.fixture
def python(python_client: Path, shared_facade: Program, namespace: str) -> PythonClient:
    """The generated package, for the test's own namespace."""
    return PythonClient(shared_facade.url, namespace)


def test_python_has_every_endpoint_and_every_field(document: Path, python_client: Path) -> None:
    modules = {path.stem for path in (python_client / "api").glob("*/*.py")} - {"__init__"}
    assert modules == {*ENDPOINTS, "healthz", "readyz", "metrics"}

    models = importlib.import_module(f"{PACKAGE}.models")
    for name, schema in json.loads(document.read_text())["components"]["schemas"].items():
        if fields := schema.get("properties"):
            made = {each.rstrip("_") for each in getattr(models, name).__annotations__}
            assert made - {"additional_properties"} == set(fields), name


def test_python_adds_changes_runs_and_reads(
    python: PythonClient, facade: Facade, objects: Objects
) -> None:
    objects.create("nightly", taskName="每晚")
    objects.set_status("nightly", runs=[RETRY, FIRST])
    new = python.model(
        "AddItem",
        name="定时改价",
        enable=python.model("AddItemEnable", value=1),
        module=2,
        type_=python.model("AddItemType", value=1),
        start_time=2000000001,
        url="http://127.0.0.1:1/aa",
        method="post",
        body_type=python.model("AddItemBodyTypeType0", value=2),
        redo_param="2 4",
    )
    ref = python.model("TaskRef", task_id="nightly")

    (added,) = python.call("add_task", "AddRequest", task_list=[new]).task_result
    change = python.model("UpdateItem", task_id=added.task_id, start_time=2000000063)
    (updated,) = python.call("update_task", "UpdateRequest", task_list=[change]).task_result
    (asked,) = python.call("run_again_task", "RefRequest", task_list=[ref]).task_result
    log = python.call("query_task_status", "QueryRequest", task_list=[ref]).log_list

    _judge(
        facade,
        objects,
        added=[added.to_dict()],
        updated=[updated.to_dict()],
        asked=[asked.to_dict()],
        log=[entry.to_dict() for entry in log],
    )


def test_go_has_every_endpoint_and_can_set_every_field(go_client: Path) -> None:
    code = (go_client.parent / "module" / "crontask" / "client.gen.go").read_text()

    calls = set(
        re.findall(r"^func \(c \*ClientWithResponses\) (\w+?)(?:WithBody)?WithResponse", code, re.M)
    )
    assert {name.lower() for name in calls} == {
        name.replace("_", "") for name in (*ENDPOINTS, "healthz", "readyz", "metrics")
    }
    # What stands for one of several types has methods to set it only if it has a name.
    assert re.findall(r"^\s+\w+ +\*?struct \{$", code, re.M) == []
    # A timestamp does not go into one.
    assert "float32" not in code


def test_go_adds_changes_runs_and_reads(
    go_client: Path, shared_facade: Program, namespace: str, facade: Facade, objects: Objects
) -> None:
    objects.create("nightly", taskName="每晚")
    objects.set_status("nightly", runs=[RETRY, FIRST])

    done = subprocess.run(
        [go_client, shared_facade.url, namespace, "nightly"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    _judge(facade, objects, **json.loads(done.stdout))


def _judge(
    facade: Facade,
    objects: Objects,
    *,
    added: list[Json],
    updated: list[Json],
    asked: list[Json],
    log: list[Json],
) -> None:
    """Compare what a client was answered with what has come to be."""
    (task,) = facade.data("get_task", {"name": "定时改价"})["task_list"]
    good = {"task_id": task["task_id"], "name": "定时改价", "err": "", "code": 0}
    assert added == updated == [good]
    assert (task["start_time"], task["type"], task["module"]) == (2000000063, 1, 2)
    assert (task["body_type"], task["redo_param"]) == (2, "2 4")
    (run,) = asked
    assert run.pop("execution_id")
    assert run == {"task_id": "nightly", "name": "每晚", "err": "", "code": 0}
    assert "crontask.dev/run-requested-at" in objects.get("nightly")["metadata"]["annotations"]
    assert log == facade.data("query_task_status", {"task_id": "nightly"})["log_list"]
    assert [entry["resp"] for entry in log] == ["ok", "busy"]

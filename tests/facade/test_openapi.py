"""The OpenAPI document and its pages: whole, up to date, and with examples that work."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import crontask_api
from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.reference.html import html
from crontask_api.reference.markdown import markdown
from crontask_api.routes.described import REFUSALS
from crontask_api.settings import AuthMode, Settings
from tests.facade.client import Facade, Json

ENDPOINTS = (
    "add_task",
    "update_task",
    "query_task_status",
    "run_again_task",
    "get_task",
    "list_task",
    "delete_task",
    "pause_task",
    "resume_task",
    "preview",
    "list_runs",
    "run_stats",
    "redrive_runs",
)
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def document() -> Json:
    """The document of a facade without authentication."""
    return document_of(Settings())


def document_of(settings: Settings) -> Json:
    """Return the document of a facade with these settings."""
    return create_app(settings, Metrics()).openapi()


def test_it_names_every_endpoint_and_each_model_that_is_used(document: Json) -> None:
    assert list(document["paths"]) == [
        *(f"/crontab/{name}" for name in ENDPOINTS),
        "/healthz",
        "/readyz",
        "/metrics",
    ]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references == set(document["components"]["schemas"])


def test_every_field_is_described(document: Json) -> None:
    nameless = [
        f"{model}.{name}"
        for model, schema in document["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if "description" not in field
    ]

    assert nameless == []


def test_generators_of_clients_understand_it(document: Json) -> None:
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert ids == [*ENDPOINTS, "healthz", "readyz", "metrics"]
    assert document["servers"] == [{"url": "/", "description": "This service."}]
    assert document["security"] == []
    assert [part for part in _schemas(document) if isinstance(part.get("type"), list)] == []
    assert [part for part in _schemas(document) if "enum" in part and "type" not in part] == []


def _schemas(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list):
            yield from _schemas(each)


def test_it_asks_for_a_token_where_one_is_needed() -> None:
    document = document_of(Settings(auth=AuthMode.KUBERNETES))

    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"}
    }
    assert document["paths"]["/crontab/add_task"]["post"]["security"] == [{"bearer": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


def test_every_refusal_of_the_code_is_described(document: Json) -> None:
    described = set(document["paths"]["/crontab/add_task"]["post"]["responses"])

    assert _statuses_in_code() == set(REFUSALS)
    assert described == {"200"} | {str(status) for status in REFUSALS if status not in (404, 405)}
    for status in REFUSALS:
        assert str(status) in document["info"]["description"]


def _statuses_in_code() -> set[int]:
    """Return what the modules that answer use as the HTTP status of a refusal."""
    found: set[int] = set()
    for room in ("auth", "routes", "server", "web"):
        for path in (Path(crontask_api.__file__).parent / room).glob("*.py"):
            _Statuses(found).visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


class _Statuses(ast.NodeVisitor):
    """Collects numbers from 400 to 599, but for bounds and for constants, which have a name."""

    def __init__(self, found: set[int]) -> None:
        self._found = found

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Pass by a constant."""

    def visit_Compare(self, node: ast.Compare) -> None:
        """Pass by a bound."""

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take a number in."""
        if type(node.value) is int and 400 <= node.value < 600:
            self._found.add(node.value)


def test_the_page_in_docs_is_up_to_date(document: Json) -> None:
    assert DOCS.read_text(encoding="utf-8") == markdown(document)


def test_the_page_for_browsers_needs_no_other_host(document: Json, facade: Facade) -> None:
    response = facade.http.get("/docs")

    assert response.text == html(document)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    # Markdown's marks are for readers of Markdown.
    assert "<code>" in response.text
    assert "`" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?!#|openapi\.json)[^"]*"', response.text) == []


def test_the_examples_work_as_they_stand(document: Json, facade: Facade) -> None:
    for name in ENDPOINTS:
        if name in ("list_runs", "run_stats", "redrive_runs"):
            # They need a history; see `test_list_runs` and its like.
            continue
        operation = document["paths"][f"/crontab/{name}"]["post"]
        content = operation["responses"]["200"]["content"]["application/json"]
        example = content["example"]["data"]
        request = operation["requestBody"]["content"]["application/json"]["example"]
        answer = facade.post(name, request)

        assert (answer["state"], answer["msg"]) == (0, ""), name
        assert answer["data"].keys() == example.keys()
        if name in ("add_task", "update_task", "query_task_status"):
            assert answer["data"]["task_result"] == example["task_result"]
        if name == "preview":
            assert answer["data"] == example


def test_the_facade_serves_it(document: Json, facade: Facade) -> None:
    assert facade.http.get("/openapi.json").json() == document

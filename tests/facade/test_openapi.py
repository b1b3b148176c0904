"""The OpenAPI document and its pages: whole, up to date, and with examples that work."""

import ast
import re
from pathlib import Path

import pytest

import crontask_api
from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.reference.endpoints import ENDPOINTS
from crontask_api.reference.html import html
from crontask_api.reference.markdown import markdown
from crontask_api.reference.openapi import REFUSALS, openapi
from crontask_api.settings import AuthMode, Settings
from tests.facade.client import Facade, Json

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def document() -> Json:
    """The document of a facade without authentication."""
    return openapi(Settings())


def test_it_has_every_route_and_no_other(document: Json) -> None:
    routes = create_app(Settings(), Metrics()).openapi()["paths"]

    assert {path: set(methods) for path, methods in document["paths"].items()} == {
        path: set(methods) for path, methods in routes.items()
    }


def test_every_field_is_described(document: Json) -> None:
    nameless = [
        f"{model}.{name}"
        for model, schema in document["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if "description" not in str(field)
    ]

    assert nameless == []


def test_it_asks_for_a_token_where_one_is_needed() -> None:
    document = openapi(Settings(auth=AuthMode.KUBERNETES))

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


def test_the_examples_work_as_they_stand(facade: Facade) -> None:
    for endpoint in ENDPOINTS:
        answer = facade.post(endpoint.name, endpoint.example)

        assert (answer["state"], answer["msg"]) == (0, ""), endpoint.name
        assert answer["data"].keys() == endpoint.answer.keys()
        codes = [result["code"] for result in answer["data"].get("task_result", [])]
        expected = [result["code"] for result in endpoint.answer.get("task_result", [])]
        if endpoint.name in ("add_task", "update_task", "query_task_status"):
            assert codes == expected
            assert answer["data"]["task_result"] == endpoint.answer["task_result"]
        if endpoint.name == "preview":
            assert answer["data"] == endpoint.answer


def test_the_facade_serves_it(document: Json, facade: Facade) -> None:
    assert facade.http.get("/openapi.json").json() == document

"""The page of the API says which numbers and texts a field takes."""

from typing import Any

import pytest

from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.reference.sections import sections
from crontask_api.settings import Settings

DOCUMENT = create_app(Settings(), Metrics()).openapi()


@pytest.mark.parametrize(
    ("path", "field", "kind"),
    [
        ("/crontab/list_task", "limit", "integer from 1 to 500"),
        ("/crontab/query_task_status", "limit", "integer from 1 to 10000"),
        ("/crontab/add_task", "task_list[].name", "string of at most 253 characters"),
        ("/crontab/add_task", "task_list[].module", "integer from 0 to 2147483647"),
    ],
)
def test_a_field_with_bounds(path: str, field: str, kind: str) -> None:
    section = next(each for each in sections(DOCUMENT) if each.path == path)
    assert {row.name: row.kind for row in section.fields}[field] == kind


def test_no_bound_is_left_out() -> None:
    bounded = {name for name, schema in _fields(DOCUMENT) if _is_bounded(schema)}
    shown = {
        row.name.rpartition(".")[2]
        for section in sections(DOCUMENT)
        for row in (*section.fields, *section.answer_fields)
        if " from " in row.kind or " at most " in row.kind
    }
    assert bounded == shown


def _fields(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, list):
        return [pair for each in node for pair in _fields(each)]
    if not isinstance(node, dict):
        return []
    here = list(node.get("properties", {}).items())
    return here + [pair for each in node.values() for pair in _fields(each)]


def _is_bounded(schema: Any) -> bool:
    choices = [schema, *schema.get("anyOf", [])]
    return any(
        name in choice for choice in choices for name in ("maximum", "maxLength", "maxItems")
    )

"""Lists are read by pages, of cells where these do, and of objects where not."""

import json
from typing import Any

import pytest

from crontask_cli.service.cluster import ClusterService
from crontask_cli.service.rows import COLUMNS, TABLE
from crontask_kube.access import Access
from crontask_kube.errors import UnavailableError
from tests.support.scripted_http import answer, serving

CELLS = ["a", "每日", "@daily", "Active", "3h", "Succeeded", "2026-03-01T00:00:00Z", "5d", "u", 2]
OBJECT = {
    "metadata": {"name": "b", "namespace": "ns", "creationTimestamp": "2020-01-01T00:00:00Z"},
    "spec": {"schedule": "@daily", "callback": {"grpc": {"address": "host:1"}}},
}


def table(cells: list[Any], columns: tuple[str, ...] = COLUMNS, next_page: str = "") -> bytes:
    body = {
        "metadata": {"continue": next_page},
        "columnDefinitions": [{"name": name} for name in columns],
        "rows": [{"cells": cells}],
    }
    return answer("200 OK", json.dumps(body).encode())


def objects(next_page: str = "") -> bytes:
    body = {"metadata": {"continue": next_page}, "items": [OBJECT]}
    return answer("200 OK", json.dumps(body).encode())


def names(answers: list[bytes], namespace: str = "ns") -> tuple[list[str], list[bytes]]:
    with serving(answers) as (url, heads):
        service = ClusterService(Access(server=url), namespace)
        with service.http:
            found = [row.name for page in service.rows("team=shop") for row in page]
    return found, heads


def test_cells_are_asked_for_page_by_page() -> None:
    reversed_columns = tuple(reversed(COLUMNS))
    answers = [table(CELLS, next_page="more"), table(CELLS[::-1], reversed_columns)]
    found, heads = names(answers)

    assert found == ["a", "a"]
    assert all(f"Accept: {TABLE}".encode() in head for head in heads)
    assert all(b"includeObject=None" in head for head in heads)
    assert all(b"labelSelector=team%3Dshop" in head and b"limit=500" in head for head in heads)
    assert b"continue=more" in heads[1]


def test_where_a_column_lacks_the_objects_are_read() -> None:
    found, heads = names([table(["a"], ("Name",)), objects("more"), objects()])

    assert found == ["b", "b"]
    assert b"continue=more" in heads[2]


def test_cells_name_no_namespace_so_all_of_them_are_read_as_objects() -> None:
    found, heads = names([objects()], "")

    assert found == ["b"]
    assert b"includeObject" not in heads[0]


def test_an_empty_table_is_an_empty_list() -> None:
    empty = answer("200 OK", b'{"metadata": {}, "columnDefinitions": [], "rows": []}')
    assert names([empty])[0] == []


def test_a_page_of_a_proxy_is_no_list() -> None:
    with pytest.raises(UnavailableError, match="none of the Kubernetes API"):
        names([answer("200 OK", b"<p>hello</p>")])

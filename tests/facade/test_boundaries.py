"""Values at the edge of what a type holds get an answer, in every field of every endpoint."""

import json

import httpx
import pytest

from crontask_api.schemas.items import AddItem
from crontask_api.schemas.requests import ListOptions, PreviewRequest, QueryOptions
from dev.programs import Program
from tests.facade.client import Facade, item

VALUES = {
    "first moment": '"0001-01-01T00:00:00+23:59"',
    "last moment": '"9999-12-31T23:59:59-23:59"',
    "no moment": '"0000-00-00T00:00:00Z"',
    "leap second": '"2016-12-31T23:59:60Z"',
    "long fraction": f'"2026-01-01T00:00:00.{"9" * 5000}Z"',
    "large": str(2**63),
    "larger": str(-(2**64)),
    "digits": "9" * 4999,
    "more digits": "9" * 100_000,
    "digits in text": f'"{"9" * 100_000}"',
    "fraction": f"0.{'9' * 100_000}",
    "exponent": "1e308",
    "too large an exponent": "1e400",
    "negative": "-1e308",
    "tiny": "5e-324",
    "minus zero": "-0.0",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "surrogate": '"\\ud800"',
    "zero byte": '"\\u0000"',
    "outside the plane": '"\\udbff\\udfff"',
    "deep": "[" * 100_000,
    "deep and closed": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 100_000,
    "long text": f'"{"x" * 3_000_000}"',
    "long key": f'{{"{"x" * 1_000_000}": 1}}',
    "offset": '"+23:59"',
    "base64": '"AAAA"',
    "base64 of a moment": '"WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxLCJ4Il0="',
}
ITEM_FIELDS = [*AddItem.model_fields, "task_id"]
OPTION_FIELDS = sorted(
    {*QueryOptions.model_fields, *ListOptions.model_fields, *PreviewRequest.model_fields}
)


def in_item(facade: Facade, endpoint: str, field: str, value: str) -> httpx.Response:
    """Send an item whose `field` has the JSON text `value`."""
    fields = {name: json.dumps(each) for name, each in item(name=f"x{field}").items()}
    members = ",".join(f'"{name}":{each}' for name, each in {**fields, field: value}.items())
    return send(facade, endpoint, f'{{"task_list":[{{{members}}}]}}')


def send(facade: Facade, endpoint: str, body: str) -> httpx.Response:
    """Send `body`, and fail if the answer is no envelope, or much of what was sent."""
    response = facade.http.post(f"/crontab/{endpoint}", content=body.encode())
    assert response.status_code in (200, 400, 403), (body[:300], response.text[:300])
    assert set(response.json()) == {"state", "msg", "data"}
    return response


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_in_an_item(facade: Facade, value: str) -> None:
    for endpoint in ("add_task", "update_task", "query_task_status", "delete_task"):
        for field in ITEM_FIELDS:
            response = in_item(facade, endpoint, field, value)
            assert len(response.content) < 5000, (endpoint, field)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_in_an_option(facade: Facade, value: str) -> None:
    for endpoint in ("query_task_status", "list_task", "preview"):
        for field in OPTION_FIELDS:
            start = "" if field == "start_time" else ',"start_time":"0 0 * * * *"'
            body = f'{{"task_list":[]{start},"{field}":{value}}}'
            assert len(send(facade, endpoint, body).content) < 5000, (endpoint, field)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_in_place_of_the_list_or_the_body(facade: Facade, value: str) -> None:
    for body in (value, f'{{"task_list":{value}}}', f'{{"task_list":[{value}]}}'):
        assert len(send(facade, "add_task", body).content) < 5000


@pytest.mark.parametrize("value", [b"\xff", b"\xf0\x9f\x98\x80", b"x" * 30_000, b"..", b"%00", b""])
def test_in_a_header(shared_facade: Program, value: bytes) -> None:
    for name in ("X-CronTask-Namespace", "Idempotency-Key", "X-Request-ID", "Authorization"):
        response = httpx.post(
            f"{shared_facade.url}/crontab/add_task",
            json={"task_list": [item(name="x")]},
            headers=[(name.encode(), value)],
            trust_env=False,
        )
        assert response.status_code in (200, 400, 403)
        assert len(response.content) < 5000

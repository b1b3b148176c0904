"""The form of requests and answers, and what becomes of requests that have another."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.facade.client import Facade, item

ADD = "/crontab/add_task"
EMPTY = b'{"task_list": []}'


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_any_content_type_that_holds_json(facade: Facade, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = json.dumps({"task_list": [item()]}, ensure_ascii=False).encode()

    response = facade.http.post(ADD, content=body, headers=headers)

    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["data"]["task_result"][0]["err"] == ""


def test_a_byte_order_mark_is_no_error(facade: Facade) -> None:
    assert facade.http.post(ADD, content=b"\xef\xbb\xbf" + EMPTY).json()["state"] == 0


def test_an_empty_batch_is_done_at_once(facade: Facade) -> None:
    response = facade.http.post(ADD, content=EMPTY)

    assert response.json() == {"state": 0, "msg": "", "data": {"task_result": []}}


DEEP = 50_000
NOT_A_BATCH = [
    pytest.param(b"", "expected JSON", id="empty"),
    pytest.param(b"{", "expected JSON", id="cut"),
    pytest.param(b"task_list=[]", "expected JSON", id="form"),
    pytest.param(b'{"task_list": [}', "expected JSON", id="syntax"),
    pytest.param(b"[]", "expected a JSON object", id="list"),
    pytest.param(b"5", "expected a JSON object", id="number"),
    pytest.param(b"{}", "task_list: required", id="no list"),
    pytest.param(b'{"task_list": {}}', "task_list: expected a list", id="object for list"),
    pytest.param(b'{"task_list": null}', "task_list: expected a list", id="null for list"),
    pytest.param(b'{"task_list": [{"name": "\xff"}]}', "task_list[0]: ", id="no UTF-8"),
    pytest.param(b'{"\xff": 1, "task_list": []}', "UTF-8", id="no UTF-8 in a name"),
    pytest.param(b'{"task_list": [{"name": "\\ud800"}]}', "expected JSON", id="half a pair"),
    pytest.param(b'{"task_list": [{"module": NaN}]}', "expected JSON", id="NaN"),
    pytest.param(b'{"task_list": [{"module": 1e999}]}', "task_list[0]: ", id="too great"),
    pytest.param(b'{"task_list": [' + b"9" * 5000 + b"]}", "task_list[0]: ", id="5,000 digits"),
    pytest.param(b"[" * DEEP + b"]" * DEEP, "expected a JSON object", id="deep"),
    pytest.param(
        b'{"task_list": [{"name": ' + b"[" * DEEP + b"]" * DEEP + b"}]}",
        "recursion",
        id="deep item",
    ),
    pytest.param(b'{"task_list": [], "namespace": 5}', "namespace: ", id="namespace"),
]


@pytest.mark.parametrize(("body", "words"), NOT_A_BATCH)
@pytest.mark.parametrize("endpoint", ["add_task", "query_task_status"])
def test_a_body_that_is_no_batch(facade: Facade, endpoint: str, body: bytes, words: str) -> None:
    response = facade.http.post(f"/crontab/{endpoint}", content=body)

    assert response.status_code == 200
    answer = response.json()
    assert (answer["state"], answer["data"]) == (1, {})
    assert words in answer["msg"]


@pytest.mark.parametrize("field", ["name", "url", "start_time", "body_type", "unknown"])
def test_a_deep_value_harms_its_item_alone(facade: Facade, field: str) -> None:
    deep = json.loads("[" * 800 + "]" * 800)

    wrong, right = facade.add(item(name="deep") | {field: deep}, item())

    assert (wrong["err"] == "") is (field == "unknown")
    assert right["err"] == ""


@pytest.mark.parametrize("value", [json.loads("[" * 800 + "]" * 800), 10**400, -1e300, {}, True])
def test_a_strange_id_harms_its_item_alone(facade: Facade, value: Any) -> None:
    facade.add_one()

    for endpoint in ("update_task", "query_task_status", "run_again_task", "delete_task"):
        wrong, right = facade.results(endpoint, {"task_id": value}, {"name": "定时改价"})
        assert wrong["code"] in (1, 5)
        assert right["err"] == ""


def test_a_thousand_items_are_a_batch_and_one_more_is_not(facade: Facade) -> None:
    accepted = facade.post("query_task_status", {"task_list": [{}] * 1000})
    refused = facade.post("query_task_status", {"task_list": [{}] * 1001})

    assert [result["code"] for result in accepted["data"]["task_result"]] == [5] * 1000
    assert refused["state"] == 1
    assert refused["msg"] == "task_list: expected at most 1000 items, found 1001"


def test_many_warnings_are_counted(facade: Facade) -> None:
    answer = facade.post("query_task_status", {"task_list": [{"x": 1}] * 50})

    assert answer["msg"].count("unknown field") == 10
    assert answer["msg"].endswith("; 40 more")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", ADD, 405),
        ("DELETE", ADD, 405),
        ("POST", "/healthz", 405),
        ("POST", "/crontab/nope", 404),
        ("GET", "/", 404),
        ("POST", "/crontab/add_task/", 404),
        ("GET", "/%00%ff", 404),
    ],
)
def test_unknown_routes_and_methods_answer_in_the_envelope(
    facade: Facade, method: str, path: str, status: int
) -> None:
    response = facade.http.request(method, path)

    assert response.status_code == status
    answer = response.json()
    assert (answer["state"], answer["data"]) == (1, {})
    assert answer["msg"]


def test_a_wrong_method_is_told_the_right_one(facade: Facade) -> None:
    assert facade.http.get(ADD).headers["Allow"] == "POST"


def test_a_body_that_announces_ten_megabytes_is_not_read(facade: Facade) -> None:
    response = facade.http.post(ADD, content=b" " * 10_000_000)

    assert response.status_code == 413
    assert response.json()["state"] == 1
    assert "at most 4194304 bytes" in response.json()["msg"]


def test_a_body_of_unknown_length_is_read_up_to_the_limit(facade: Facade) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(160):
            yield b" " * 65536

    response = facade.http.post(ADD, content=chunks())

    assert response.status_code == 413


def test_every_answer_carries_security_headers_and_an_id(facade: Facade) -> None:
    for path in ("/healthz", "/nope"):
        headers = facade.http.get(path, headers={"X-Request-ID": "client-7"}).headers
        assert headers["X-Request-ID"] == "client-7"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers


@pytest.mark.parametrize("hostile", ["a" * 200, 'x" injected="1', "ünï"])
def test_an_id_that_is_not_sane_is_replaced(facade: Facade, hostile: str) -> None:
    given = httpx.Headers([(b"X-Request-ID", hostile.encode("latin-1"))])

    headers = facade.http.get("/healthz", headers=given).headers

    assert len(headers["X-Request-ID"]) == 16


def test_probes_and_metrics(facade: Facade) -> None:
    facade.add(item(), item(), item(type=9))

    assert facade.http.get("/healthz").json() == {"state": 0, "msg": "", "data": {}}
    assert facade.http.get("/readyz").status_code == 200
    metrics = facade.http.get("/metrics")
    assert metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for sample in (
        'crontask_api_requests_total{endpoint="/crontab/add_task",state="0",status="200"}',
        'crontask_api_items_total{code="6",endpoint="/crontab/add_task"}',
        'crontask_api_items_total{code="2",endpoint="/crontab/add_task"}',
        'crontask_api_request_seconds_count{endpoint="/crontab/add_task"}',
        'crontask_api_kubernetes_request_seconds_count{method="POST",outcome="OK"}',
    ):
        assert sample in metrics.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_what_is_read_answers_head_as_well(facade: Facade, path: str) -> None:
    whole, head = facade.http.get(path), facade.http.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    if path != "/metrics":
        assert head.headers["Content-Length"] == str(len(whole.content))


def test_paths_of_clients_are_no_labels(facade: Facade) -> None:
    facade.http.get("/hostile-path")

    assert "hostile-path" not in facade.http.get("/metrics").text

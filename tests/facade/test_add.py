"""add_task: what the document promises of it, on the real API server."""

from typing import Any

import pytest

from crontask_core.identity import task_id
from tests.facade.client import Facade, item
from tests.facade.objects import Objects


def test_a_cron_task_becomes_a_crontask(facade: Facade, objects: Objects) -> None:
    (result,) = facade.add(
        item(resp_regexp='"ok"', body='{"a": 1}', body_type=2, redo_param="2 4 8", enable=2)
    )

    own_id = str(task_id("定时改价"))
    assert result == {"task_id": own_id, "name": "定时改价", "err": "", "code": 0}
    made = objects.get(own_id)
    assert made["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "crontask-api",
        "crontask.dev/module": "2",
    }
    spec = made["spec"]
    assert spec["taskName"] == "定时改价"
    assert (spec["module"], spec["type"], spec["suspend"]) == (2, "Daily", True)
    assert (spec["schedule"], spec["timeZone"]) == ("0 30 2 * * *", "UTC")
    http = spec["callback"]["http"]
    assert (http["url"], http["method"]) == ("http://127.0.0.1:1/aa", "POST")
    assert (http["body"], http["bodyType"]) == ('{"a": 1}', "Form")
    assert spec["expect"]["bodyRegex"] == '"ok"'
    assert spec["retry"]["delaysSeconds"] == [2, 4, 8]


def test_an_rpc_task_becomes_a_grpc_callback(facade: Facade, objects: Objects) -> None:
    own_id = facade.add_one(url="prices.shop.svc:50051/shop.v1.Prices.Refresh", method="RPC")

    assert objects.get(own_id)["spec"]["callback"] == {
        "grpc": {
            "address": "prices.shop.svc:50051",
            "service": "shop.v1.Prices",
            "method": "Refresh",
        }
    }


@pytest.mark.parametrize(
    ("start_time", "task_type", "expected"),
    [
        pytest.param("0 30 2 * * *", 4, {"schedule": "0 30 2 * * *"}, id="six fields"),
        pytest.param("0 30 2 * *", 4, {"schedule": "0 30 2 * * *"}, id="no weekday"),
        pytest.param("@hourly", 3, {"schedule": "@hourly"}, id="descriptor"),
        pytest.param("@every 1h30m", 2, {"schedule": "@every 1h30m"}, id="interval"),
        pytest.param("0 0 3 * * MON", 1, {"schedule": "0 0 3 * * MON"}, id="once by cron"),
        pytest.param(1893456000, 1, {"at": "2030-01-01T00:00:00Z"}, id="timestamp"),
        pytest.param("1893456000", 1, {"at": "2030-01-01T00:00:00Z"}, id="timestamp as text"),
        pytest.param(1893456000.5, 1, {"at": "2030-01-01T00:00:00.500Z"}, id="half a second"),
        pytest.param(1000, 1, {"at": "1970-01-01T00:16:40Z"}, id="long past: runs at once"),
    ],
)
def test_start_time(
    facade: Facade, objects: Objects, start_time: Any, task_type: int, expected: dict[str, str]
) -> None:
    own_id = facade.add_one(start_time=start_time, type=task_type)

    spec = objects.get(own_id)["spec"]
    assert {field: spec[field] for field in ("schedule", "at") if field in spec} == expected


@pytest.mark.parametrize(
    ("start_time", "time_zone", "expected"),
    [
        ("0 0 3 * * *", "Asia/Shanghai", "Asia/Shanghai"),
        ("0 0 3 * * *", "", "UTC"),
        ("TZ=Asia/Shanghai 0 0 3 * * *", None, "Asia/Shanghai"),
        ("CRON_TZ=Asia/Shanghai  0 0 3 * *", "Asia/Shanghai", "Asia/Shanghai"),
    ],
)
def test_a_time_zone_by_field_or_as_in_go(
    facade: Facade, objects: Objects, start_time: str, time_zone: str | None, expected: str
) -> None:
    own_id = facade.add_one(start_time=start_time, time_zone=time_zone)

    spec = objects.get(own_id)["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("0 0 3 * * *", expected)


def test_two_time_zones_are_refused(facade: Facade) -> None:
    (result,) = facade.add(item(start_time="TZ=Asia/Tokyo @daily", time_zone="UTC"))

    assert result["code"] == 3
    assert result["err"] == 'start_time: its zone is "Asia/Tokyo", but time_zone is "UTC"'


@pytest.mark.parametrize("method", ["post", "POST", "Get", "get"])
def test_methods_in_any_case(facade: Facade, objects: Objects, method: str) -> None:
    own_id = facade.add_one(method=method)

    assert objects.get(own_id)["spec"]["callback"]["http"]["method"] == method.upper()


@pytest.mark.parametrize("regexp", ["*", ""])
def test_a_regexp_that_means_anything(facade: Facade, objects: Objects, regexp: str) -> None:
    own_id = facade.add_one(resp_regexp=regexp)

    assert "bodyRegex" not in objects.get(own_id)["spec"].get("expect", {})


LONG = "任" * 253


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("nightly", id="ASCII"),
        pytest.param("定时 改价", id="Chinese"),
        pytest.param("Ежедневно, \\ a=b", id="marks of field selectors"),
        pytest.param("🕑 ‮", id="beyond the basic plane"),
        pytest.param(LONG, id="253 characters"),
        pytest.param("../../x?y#z%2f", id="marks of URLs"),
        pytest.param("12345", id="digits"),
    ],
)
def test_names_in_any_language(facade: Facade, name: str) -> None:
    own_id = facade.add_one(name=name)

    assert facade.get_one(name=name)["task_id"] == own_id
    assert facade.get_one(task_id=own_id)["name"] == name
    assert facade.get_one(task_id=int(own_id))["name"] == name


WRONG: list[tuple[str, Any, int, str]] = [
    ("name", None, 1, "name: required, but not given"),
    ("name", "", 1, "expected a name"),
    ("name", "  ", 1, "expected a name"),
    ("name", 7, 1, "expected a string, found 7"),
    ("name", "a" * 254, 1, "at most 253 characters"),
    ("name", "two\nlines", 1, "one line"),
    ("enable", None, 1, "enable: required"),
    ("enable", 0, 1, "expected 1 or 2, found 0"),
    ("enable", "1", 1, 'expected an integer, found "1"'),
    ("enable", True, 1, "expected an integer, found true"),
    ("module", None, 1, "module: required"),
    ("module", -1, 1, "greater than or equal to 0, found -1"),
    ("module", 2**31, 1, "less than or equal to 2147483647"),
    ("module", 10**400, 1, "less than or equal to"),
    ("module", 1e300, 1, "less than or equal to"),
    ("module", 1.5, 1, "expected an integer, found 1.5"),
    ("type", None, 2, "type: required"),
    ("type", 0, 2, "found 0"),
    ("type", 8, 2, "found 8"),
    ("type", "daily", 2, 'found "daily"'),
    ("type", [4], 2, "found a list"),
    ("start_time", None, 3, "start_time: required"),
    ("start_time", "", 3, "found nothing"),
    ("start_time", "61 * * * * *", 3, "field 1 (second)"),
    ("start_time", "* * *", 3, "found 3"),
    ("start_time", "0 0 0 30 2 *", 3, "never fires"),
    ("start_time", "@sometimes", 3, "@sometimes"),
    ("start_time", 1893456000, 3, "type 1"),
    ("start_time", {"at": 1}, 3, "found an object"),
    ("start_time", True, 3, "found true"),
    ("start_time", 10**400, 3, "expected a Unix timestamp"),
    ("start_time", "9" * 400, 3, "expected a Unix timestamp"),
    ("start_time", 0, 3, "after 1970, found 0"),
    ("start_time", -5, 3, "after 1970, found -5"),
    ("start_time", "TZ=Mars/Base 0 0 0 * * *", 3, "time_zone: found 'Mars/Base'"),
    ("start_time", "TZ= 0 0 0 * * *x", 3, "field 6"),
    ("time_zone", "Mars/Base", 3, "time_zone: found 'Mars/Base'"),
    ("time_zone", "../UTC", 3, "time_zone: "),
    ("time_zone", 8, 3, "time_zone: expected a string"),
    ("url", None, 4, "url: required"),
    ("url", "", 4, "http://"),
    ("url", "ftp://x/a", 4, "http://"),
    ("url", "x:1/h.f", 4, "http://"),
    ("url", "http://x:99999/", 4, "port"),
    ("url", "http://user:secret@x/", 4, "user name"),
    ("url", ["http://x"], 4, "expected a string, found a list"),
    ("method", None, 4, "method: required"),
    ("method", "put", 4, "expected post, get or rpc"),
    ("method", "rpc", 4, "addr:port/handler.function"),
    ("method", 1, 4, "expected a string"),
    ("resp_regexp", "(", 1, "RE2"),
    ("resp_regexp", "(?=a)", 1, "RE2"),
    ("resp_regexp", 1, 1, "expected a string"),
    ("body", {"a": 1}, 1, "body: expected a string, found an object"),
    ("body_type", 3, 1, "body_type: "),
    ("body_type", "json", 1, "body_type: "),
    ("redo_param", "2 four", 1, 'found "four"'),
    ("redo_param", "-1", 1, 'found "-1"'),
    ("redo_param", "1.5", 1, 'found "1.5"'),
    ("redo_param", "86401", 1, "from 0 to 86400"),
    ("redo_param", "1 " * 21, 1, "at most 20 delays, found 21"),
    ("redo_param", 5, 1, "expected a string, found 5"),
]


def test_each_wrong_field_is_refused_by_itself(facade: Facade, objects: Objects) -> None:
    items = []
    for index, (field, value, _, _) in enumerate(WRONG):
        items += [item(name=f"good {index}"), item(**{"name": f"bad {index}", field: value})]

    results = facade.add(*items)

    assert [result["err"] for result in results[::2]] == [""] * len(WRONG)
    for (field, value, code, words), result in zip(WRONG, results[1::2], strict=True):
        assert (result["code"], words in result["err"]) == (code, True), (field, value, result)
    assert len(objects.names()) == len(WRONG)


def test_milliseconds_are_refused_with_a_hint(facade: Facade) -> None:
    (result,) = facade.add(item(type=1, start_time=1893456000123))

    assert result["code"] == 3
    assert "did you mean 1893456000.123?" in result["err"]


def test_all_wrong_fields_are_named_at_once(facade: Facade) -> None:
    (result,) = facade.add(item(enable=3, type=9, url=5))

    assert result["code"] == 2
    assert [part.split(":")[0] for part in result["err"].split("; ")] == ["enable", "type", "url"]


def test_a_form_body_makes_no_sense_for_rpc(facade: Facade) -> None:
    (result,) = facade.add(item(method="rpc", url="x:1/h.f", body_type=2))

    assert result["code"] == 1
    assert "body_type" in result["err"]


def test_a_batch_keeps_its_order(facade: Facade) -> None:
    names = [f"task {number}" for number in range(100)]

    results = facade.add(*(item(name=name) for name in names))

    assert [result["name"] for result in results] == names
    assert [result["task_id"] for result in results] == [str(task_id(name)) for name in names]


def test_unknown_fields_are_ignored_with_a_warning(facade: Facade) -> None:
    answer = facade.post("add_task", {"task_list": [item(priority=1)], "dry_run": True})

    assert answer["state"] == 0
    assert answer["data"]["task_result"][0]["err"] == ""
    assert 'unknown field "dry_run"' in answer["msg"]
    assert 'task_list[0]: unknown field "priority"' in answer["msg"]


def test_null_means_not_given(facade: Facade) -> None:
    answer = facade.post("add_task", {"task_list": [item() | {"redo_param": None, "type": None}]})

    assert answer["data"]["task_result"][0]["err"] == "type: required, but not given"

"""Items to objects and back, without loss: the pure functions, and through the API server."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.start_time import format_start_time
from crontask_api.mapping.task import to_manifest
from crontask_api.mapping.update import changed_spec
from crontask_api.mapping.view import to_item
from crontask_api.schemas.items import AddItem, UpdateItem
from crontask_api.schemas.parsing import parse_item
from crontask_api.shown import shown
from crontask_core.spec import parse_spec
from crontask_core.status import CronTaskStatus
from tests.facade.client import Facade
from tests.facade.strategies import Json, changes, is_timestamp, items, read_back, zone_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _spec_of(item: Json) -> Json:
    manifest = to_manifest(parse_item(AddItem, item), time_zone="UTC", now=NOW)
    spec: Json = json.loads(json.dumps(manifest["spec"]))
    return spec


def _item_of(spec: Json) -> Json:
    return to_item(spec["taskName"], parse_spec(spec))


@settings(max_examples=50)
@given(items())
def test_what_is_added_reads_back(item: Json) -> None:
    assert _item_of(_spec_of(item)) == read_back(item, _added_zone(item))


@settings(max_examples=50)
@given(items())
def test_what_reads_back_adds_the_same_task(item: Json) -> None:
    spec = _spec_of(item)

    assert parse_spec(_spec_of(_item_of(spec))) == parse_spec(spec)


@settings(max_examples=50)
@given(items(), changes())
def test_an_update_is_an_add_with_the_changes(item: Json, change: Json) -> None:
    before = _spec_of(item)
    untouched = json.loads(json.dumps(before))
    whole = item | {name: value for name, value in change.items() if value is not None}
    if whole["method"].lower() == "rpc" and "method" not in change:
        whole["body_type"] = 1
    if change.get("method", "").lower() in ("post", "get") and change["body_type"] is None:
        # Not given: the body type stays, and that of rpc is JSON.
        whole["body_type"] = item["body_type"]

    if _timings_clash(item, change):
        with pytest.raises(ItemError) as refused:
            changed_spec(before, parse_item(UpdateItem, change), time_zone="UTC", now=NOW)
        assert refused.value.code in (Code.BAD_TYPE, Code.BAD_START_TIME)
    else:
        after = changed_spec(before, parse_item(UpdateItem, change), time_zone="UTC", now=NOW)
        assert _item_of(after) == read_back(whole, zone_of(change) or _added_zone(item))
    assert before == untouched


def _timings_clash(item: Json, change: Json) -> bool:
    """Whether a timestamp meets a type that runs again and again."""
    whole = item | change
    return is_timestamp(whole["start_time"]) and whole["type"] != 1


def _added_zone(item: Json) -> str:
    return zone_of(item) or "UTC"


@settings(max_examples=50)
@given(items())
def test_an_update_with_what_reads_back_changes_nothing(item: Json) -> None:
    spec = _spec_of(item)

    after = changed_spec(spec, parse_item(UpdateItem, _item_of(spec)), time_zone="UTC", now=NOW)

    assert parse_spec(after) == parse_spec(spec)


_prefixes = itertools.count()


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(items(), changes()), min_size=10, max_size=20))
def test_the_same_through_the_api_server(facade: Facade, pairs: list[tuple[Json, Json]]) -> None:
    prefix = f"{next(_prefixes)} "
    added = [
        item | {"name": f"{prefix}{number} {item['name']}"[:253]}
        for number, (item, _) in enumerate(pairs)
    ]
    references = [{"name": item["name"]} for item in added]

    assert [result["err"] for result in facade.add(*added)] == [""] * len(added)
    first = facade.data("get_task", *references)["task_list"]
    results = facade.results(
        "update_task",
        *(ref | change for ref, (_, change) in zip(references, pairs, strict=True)),
    )
    second = facade.data("get_task", *references)["task_list"]
    restored = facade.results("update_task", *(_documented(task) for task in first))
    third = facade.data("get_task", *references)["task_list"]

    assert [_documented(task) for task in first] == [
        read_back(item, _added_zone(item)) for item in added
    ]
    for before, after, result in zip(first, second, results, strict=True):
        if result["err"]:
            assert result["code"] in (2, 3)
            assert after == before
    assert [result["err"] for result in restored] == [""] * len(restored)
    assert [_documented(task) for task in third] == [_documented(task) for task in first]


def _documented(task: Json) -> Json:
    return {name: task[name] for name in AddItem.model_fields if name in task}


@pytest.mark.parametrize(
    ("schedule", "start_time"),
    [
        ("*/5 * * * *", "0 */5 * * * *"),
        (" */5 * * * * ", "0 */5 * * * *"),
        ("1 2 3 4 5 6", "1 2 3 4 5 6"),
        ("@every 1h", "@every 1h"),
        (None, ""),
    ],
)
def test_a_schedule_of_kubectls(schedule: str | None, start_time: str) -> None:
    assert format_start_time(schedule, None) == start_time


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 100, '"' + "x" * 79 + "..."),
        (10**30, "1" + "0" * 30),
        ("任务", '"任务"'),
        ({"a": 1}, "an object"),
        ([[1]], "a list"),
        (None, "null"),
        (1.5, "1.5"),
    ],
)
def test_messages_show_values_short(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("status", ['{"nextRunTime": 5}', '{"runs": [{}]}', '{"phase": "New"}'])
def test_a_status_of_another_version_is_read_as_far_as_it_goes(status: str) -> None:
    text = f'{{"metadata": {{"name": "x"}}, "spec": {{}}, "status": {status}}}'
    task = msgspec.json.decode(text, type=CronTask)

    assert task.typed_status() == CronTaskStatus()

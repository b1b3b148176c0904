"""Batches whose items are all wrong, and costly to find wrong, keep nobody waiting."""

import json
from typing import Any

import pytest

from tests.facade.client import item
from tests.unit.api.clusterless import LONGEST_PAUSE, SETTINGS, answer


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("time_zone", "Europe/Nowhere{}"),
        ("resp_regexp", r"[\pL\pN]{{1,90}}{}"),
        ("resp_regexp", r"(?:(?:a{{0,30}}){{0,30}}|\pL{{1,9}}{})"),
    ],
    ids=["zones", "classes", "repetitions"],
)
async def test_a_batch_of_wrong_items_keeps_nobody_waiting(field: str, text: str) -> None:
    most = SETTINGS.max_batch
    changes: list[dict[str, Any]] = [
        {"name": f"wrong-{number}", field: text.format(number)} for number in range(most)
    ]
    body = json.dumps({"task_list": [item(**each) for each in changes]}).encode()

    envelope, pause = await answer("add_task", body)

    errors = [result["err"] for result in envelope["data"]["task_result"]]
    assert len(errors) == most
    assert all(error.startswith(field) for error in errors)
    assert pause < LONGEST_PAUSE


async def test_one_expression_of_megabytes_keeps_nobody_waiting() -> None:
    wrong = item(resp_regexp="(a|b)" * 800_000)

    envelope, pause = await answer("add_task", json.dumps({"task_list": [wrong]}).encode())

    (result,) = envelope["data"]["task_result"]
    assert result["err"].startswith("resp_regexp: expected at most 4096 characters, got 4000000")
    assert pause < LONGEST_PAUSE

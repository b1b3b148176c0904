"""Bodies that are hard to decode are refused before they keep the event loop."""

import json
from typing import Any, Final

import pytest

from crontask_api.routes.dependencies import VALUES_PER_ITEM
from tests.unit.api.clusterless import LONGEST_PAUSE, SETTINGS, answer

MOST: Final = VALUES_PER_ITEM * SETTINGS.max_batch
NAME: Final = b'{"task_list":[{"name":'


def _filled(begin: bytes, unit: bytes, end: bytes) -> bytes:
    return begin + unit * ((SETTINGS.max_body_bytes - len(begin + end)) // len(unit)) + end


def _members(begin: bytes, end: bytes) -> bytes:
    return begin + b",".join(b'"%x":1' % number for number in range(380_000)) + end


TOO_MANY: Final = {
    "unknown members": _members(b"{", b',"task_list":[]}'),
    "unknown fields": _members(b'{"task_list":[{', b"}]}"),
    "lists in a field": _filled(NAME + b"[", b"[],", b"[]]}]}"),
    "lists in a list": _filled(NAME + b"[", b"[[]],", b"[]]}]}"),
    "objects in a field": _filled(NAME + b"[", b"{},", b"{}]}]}"),
    "lists in an option": _filled(b'{"task_list":[],"namespace":[', b"[],", b"[]]}"),
    "numbers": _filled(NAME + b"[", b"1,", b"1]}]}"),
    "after an escape": _filled(b'{"task_list":[{"name":"\\\\","url":[', b"[],", b"[]]}]}"),
}


@pytest.mark.parametrize("body", TOO_MANY.values(), ids=TOO_MANY)
async def test_a_body_of_too_many_values_keeps_nobody_waiting(body: bytes) -> None:
    envelope, pause = await answer("query_task_status", body)

    assert envelope["state"] == 1
    assert envelope["msg"].startswith(f"the body: expected at most {MOST} values, found ")
    assert pause < LONGEST_PAUSE


@pytest.mark.parametrize("text", [",[{" * 400_000, '\\",[{' * 400_000], ids=["plain", "escapes"])
async def test_a_text_is_one_value_whatever_it_holds(text: str) -> None:
    body = json.dumps({"task_list": [{"name": "x" * 1000, "unknown": text}]}).encode()

    envelope, pause = await answer("query_task_status", body)

    assert envelope["state"] == 0
    assert pause < LONGEST_PAUSE


async def test_as_many_values_as_allowed_keep_nobody_waiting() -> None:
    fields: dict[str, Any] = {f"f{number}": [] for number in range(MOST // 2 - 10)}

    body = json.dumps({**fields, "task_list": []}).encode()
    envelope, pause = await answer("query_task_status", body)

    assert envelope["state"] == 0
    assert pause < LONGEST_PAUSE

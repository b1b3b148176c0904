"""A form body from a JSON object, and what cannot be made into one."""

import json

import pytest

from crontask_core.enums import BodyType, Reason
from crontask_core.spec import HttpCallback
from crontask_operator.callbacks.http.forms import MAX_FORM_BYTES, MAX_PAIRS, FormError, encode_form
from tests.support.targets import target
from tests.unit.callbacks.calls import Caller

REFUSED = {
    "half a surrogate pair": (r'{"a": "\ud800"}', "half of a surrogate pair"),
    "deep lists": ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "fewer levels"),
    "deep lists without an end": ('{"a": ' + "[" * 5000, "fewer levels"),
    "many pairs": (json.dumps({"a": [1] * (MAX_PAIRS + 1)}), f"at most {MAX_PAIRS} pairs"),
    "a long name that repeats": (json.dumps({"n" * 1000: [1] * 9000}), f"{MAX_FORM_BYTES} bytes"),
}


@pytest.mark.parametrize(("body", "problem"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_body_that_makes_no_form_is_an_invalid_request(
    caller: Caller, body: str, problem: str
) -> None:
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, body=body, body_type=BodyType.FORM))
        assert result.reason is Reason.INVALID_REQUEST
        assert result.error.startswith("spec.callback.http.body: expected ")
        assert problem in result.error
        assert len(result.error) < 200
        assert server.requests == []


@pytest.mark.parametrize("body", ["[" * 5000, "a=b&c=d", "", "null", '["a"]', '{"a": ', "{1}"])
def test_what_is_no_object_is_a_form_already(body: str) -> None:
    assert encode_form(body) == body


def test_as_many_pairs_as_are_allowed() -> None:
    assert encode_form(json.dumps({"a": [1] * MAX_PAIRS})).count("a=1") == MAX_PAIRS


def test_a_form_is_not_built_beyond_its_bound() -> None:
    # It would be eight gigabytes.
    body = json.dumps({"n" * 130_000: [1] * 60_000})
    with pytest.raises(FormError):
        encode_form(body)


async def test_a_body_of_half_a_character_is_an_invalid_request(caller: Caller) -> None:
    async with target() as server:
        result = await caller(HttpCallback(url=server.url, body="\ud800"))
        assert (result.reason, server.requests) == (Reason.INVALID_REQUEST, [])

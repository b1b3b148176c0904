"""Errors repeat the beginning of what an author wrote, however long it is."""

import pytest

from crontask_core.errors import FIELD_BYTES, MESSAGE_BYTES, SpecError
from crontask_core.expect import compile_expect
from crontask_core.schedule import compile_schedule
from crontask_core.schedule.zones import load_zone
from crontask_core.spec import Expect, parse_spec
from crontask_core.truncate import QUOTED, quoted
from tests.support.loop_pauses import measured_pauses

LONG = "x" * 3_000_000
CALLBACK = {"http": {"url": "http://a/"}}

WRONG = {
    "zone": lambda: load_zone(LONG),
    "offset": lambda: load_zone(f"+{'0' * 3_000_000}"),
    "schedule": lambda: compile_schedule(LONG),
    "status": lambda: compile_expect(Expect(status_codes=(LONG,))),
    "digits": lambda: compile_expect(Expect(status_codes=("9" * 5000,))),
    "range": lambda: compile_expect(Expect(status_codes=(f"200-{'1' * 5000}",))),
    "expression": lambda: compile_expect(Expect(body_regex=f"({LONG}")),
    "surrogate": lambda: compile_expect(Expect(body_regex="\ud800")),
    "enum": lambda: parse_spec({"callback": CALLBACK, "concurrencyPolicy": LONG}),
    "key": lambda: parse_spec({"callback": {"http": {"url": "http://a/", "headers": {LONG: 1}}}}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_spec_s_error_is_short_and_soon_told(wrong: object) -> None:
    assert callable(wrong)
    async with measured_pauses() as pauses:
        with pytest.raises(SpecError) as raised:
            wrong()

    assert len(str(raised.value).encode()) <= FIELD_BYTES + MESSAGE_BYTES + 2
    assert len(raised.value.message.encode()) <= MESSAGE_BYTES
    assert pauses.longest < 0.5


def test_a_long_value_is_quoted_with_its_length() -> None:
    assert quoted("x" * QUOTED) == f"'{'x' * QUOTED}'"
    assert quoted("x" * (QUOTED + 1)) == f"'{'x' * QUOTED}'... [cut, 81]"

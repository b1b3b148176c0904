"""A start time with another number of fields is told the order of the facade's."""

import pytest

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.mapping.start_time import parse_start_time

EXPECTED = "expected 5 (second, minute, hour, day of month, month) or 6 (day of week last)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", f"start_time: found 1 field, {EXPECTED}"),
        ("30 2 * *", f"start_time: found 4 fields, {EXPECTED}"),
        (
            "0 0 12 * * ? 2026",
            f"start_time: found 7 fields, {EXPECTED} (an expression has no year; a timestamp is "
            "for a moment)",
        ),
        ("TZ=Asia/Tokyo 1 2", f"start_time: found 2 fields, {EXPECTED}"),
    ],
)
def test_the_wrong_number_of_fields(text: str, message: str) -> None:
    with pytest.raises(ItemError) as error:
        parse_start_time(text)
    assert (error.value.code, str(error.value)) == (Code.BAD_START_TIME, message)

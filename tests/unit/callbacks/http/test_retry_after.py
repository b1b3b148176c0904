"""The Retry-After header (RFC 9110, section 10.2.3)."""

from datetime import UTC, datetime

import pytest

from crontask_operator.callbacks.http.retry_after import retry_after_seconds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120.0),
        ("Sun Mar  1 12:02:00 2026", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("tomorrow", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Sun, 01 Mar 2026 12:00:00 +9999999999999", None),
        ("Sun, 01 Mar 2026 12:00:00 -9999", None),
        ("9" * 400, None),
        ("Mon", None),
        ("Mon, 01", None),
        ("Mon, 01 Jan", None),
        (",,,,,", None),
        ("1 2 3 4 5 6 7 8 9", None),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds_from_now(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds

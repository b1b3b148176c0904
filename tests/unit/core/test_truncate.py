"""Texts cut to a number of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crontask_core.truncate import truncate


@pytest.mark.parametrize(
    ("text", "limit", "more", "result"),
    [
        ("short", 40, False, "short"),
        ("x" * 40, 40, False, "x" * 40),
        ("x" * 41, 40, False, "x" * 14 + "... [cut, 41 bytes in all]"),
        ("short", 60, True, "short... [cut, 5 or more bytes in all]"),
        ("任务", 6, False, "任务"),
        ("任" * 20, 40, False, "任" * 4 + "... [cut, 60 bytes in all]"),
        ("x" * 30, 10, False, "x" * 10),
        ("任务", 4, False, "任"),
        ("任务", 0, False, ""),
        ("", 0, False, ""),
    ],
    ids=[
        "fits",
        "just fits",
        "one too many",
        "beginning",
        "wide fits",
        "wide",
        "no room",
        "half a character",
        "nothing",
        "empty",
    ],
)
def test_what_is_left(text: str, limit: int, more: bool, result: str) -> None:
    assert truncate(text, limit, more=more) == result


@given(st.text(), st.integers(0, 200), st.booleans())
def test_the_limit_holds_and_a_cut_shows(text: str, limit: int, more: bool) -> None:
    result = truncate(text, limit, more=more)
    assert len(result.encode("utf-8", "replace")) <= limit
    if limit >= 60 and (more or len(text.encode("utf-8", "replace")) > limit):
        assert result.endswith("bytes in all]")
    elif not more and len(text.encode("utf-8", "replace")) <= limit:
        assert result == text

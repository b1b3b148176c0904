"""What counts as success."""

import pytest

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import compile_expect
from crontask_core.spec import Expect


@pytest.mark.parametrize(
    ("codes", "accepted", "refused"),
    [
        (("200-299",), (200, 204, 299), (199, 300, 404, 0, 999)),
        (("204",), (204,), (200, 205)),
        (("200", "202-204", "404"), (200, 202, 203, 204, 404), (201, 205, 403)),
        (("100-599",), (100, 599), (99, 600)),
        ((), (), (200,)),
    ],
    ids=["range", "single", "list", "all", "none"],
)
def test_status_codes(
    codes: tuple[str, ...], accepted: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    expect = compile_expect(Expect(status_codes=codes))
    for code in accepted:
        assert expect.judge(code, b"", truncated=False).reason is Reason.OK
    for code in refused:
        assert expect.judge(code, b"", truncated=False).reason is Reason.UNEXPECTED_STATUS


def test_an_unexpected_status_tells_what_was_expected() -> None:
    expect = compile_expect(Expect(status_codes=("200", "202-204")))
    assert expect.judge(500, b"", truncated=False).error == (
        "expected status 200, 202-204, got 500"
    )


@pytest.mark.parametrize(
    ("regex", "body", "matches"),
    [
        ("", "anything", True),
        ("ok", "it is ok.", True),
        ("^ok$", "it is ok.", False),
        ("^ok$", "ok", True),
        ("(?i)OK", "ok", True),
        (r'"code":\s*0\b', '{"code": 0}', True),
        (r'"code":\s*0\b', '{"code": 01}', False),
        ("^完成.$", "完成了", True),
        (r"\pL{2}", "任务", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        ("(?m)^b$", "a\nb", True),
    ],
)
def test_the_expression_is_re2_and_not_anchored(regex: str, body: str, matches: bool) -> None:
    expect = compile_expect(Expect(body_regex=regex))
    verdict = expect.judge(200, body.encode(), truncated=False)
    assert (verdict.reason is Reason.OK) == matches
    assert expect.judge_body(body.encode(), truncated=False) == verdict


def test_the_status_is_judged_first() -> None:
    expect = compile_expect(Expect(body_regex="ok"))
    assert expect.judge(500, b"no", truncated=False).reason is Reason.UNEXPECTED_STATUS


def test_bytes_that_are_no_text_do_not_stop_a_match() -> None:
    expect = compile_expect(Expect(body_regex="ok"))
    assert expect.judge(200, b"\xff\xfe ok", truncated=False).reason is Reason.OK


def test_a_mismatch_shows_the_expression_as_it_is_written() -> None:
    regex = r'"code":\s*0'
    verdict = compile_expect(Expect(body_regex=regex)).judge(200, b"nope", truncated=False)
    assert f"the regular expression '{regex}' in" in verdict.error


@pytest.mark.parametrize(
    ("truncated", "error"),
    [
        (False, "no match of the regular expression 'ok' in the answer of 4 bytes"),
        (
            True,
            "no match of the regular expression 'ok' in the first 4 bytes of the answer, "
            "which was cut there",
        ),
    ],
)
def test_a_mismatch_tells_how_much_was_looked_at(truncated: bool, error: str) -> None:
    verdict = compile_expect(Expect(body_regex="ok")).judge(200, b"nope", truncated)
    assert (verdict.reason, verdict.error) == (Reason.BODY_MISMATCH, error)


def test_a_match_within_a_cut_answer_counts() -> None:
    expect = compile_expect(Expect(body_regex="^ok"))
    assert expect.judge(200, b"ok and mo", truncated=True).reason is Reason.OK


@pytest.mark.parametrize(
    ("codes", "field", "found"),
    [
        (("200", "abc"), "spec.expect.statusCodes[1]", "'abc'"),
        (("99",), "spec.expect.statusCodes[0]", "'99'"),
        (("200-600",), "spec.expect.statusCodes[0]", "'200-600'"),
        (("299-200",), "spec.expect.statusCodes[0]", "'299-200'"),
        (("200-",), "spec.expect.statusCodes[0]", "'200-'"),
        (("-200",), "spec.expect.statusCodes[0]", "'-200'"),
        ((" 200",), "spec.expect.statusCodes[0]", "' 200'"),
        (("2_00",), "spec.expect.statusCodes[0]", "'2_00'"),
        (("٢٠٠",), "spec.expect.statusCodes[0]", "'٢٠٠'"),
        (("",), "spec.expect.statusCodes[0]", "''"),
    ],
)
def test_a_wrong_range_is_told_by_its_index(codes: tuple[str, ...], field: str, found: str) -> None:
    with pytest.raises(ExpectError) as caught:
        compile_expect(Expect(status_codes=codes))
    assert caught.value.field == field
    assert caught.value.message.endswith(f"got {found}")


@pytest.mark.parametrize(
    "regex",
    ["(", "[a", "a{1001}", "(?=a)", r"\1", "*", "(?P<a", r"(\pL{1,500}){2}"],
    ids=["open", "class", "count", "look-ahead", "back-reference", "star", "name", "too large"],
)
def test_a_wrong_expression_is_told(regex: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ExpectError) as caught:
        compile_expect(Expect(body_regex=regex))
    assert caught.value.field == "spec.expect.bodyRegex"
    assert repr(regex) in caught.value.message
    # RE2 would print it as well, into whatever the operator's log is.
    assert capfd.readouterr().err == ""

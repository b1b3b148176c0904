"""What counts as success: ``spec.expect``, compiled once and asked after each call.

Status codes become a set. The regular expression is RE2: Go's syntax, as the
documented API promises, and linear time, so that no pattern and no answer can stall
the operator.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, cast

import re2  # type: ignore[import-untyped]

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.excerpt import quoted
from crontask_core.spec import Expect

LOWEST_STATUS: Final = 100
HIGHEST_STATUS: Final = 599

MAX_REGEX_MEMORY: Final = 2 * 1024 * 1024
"""Bytes that one compiled expression may take, a quarter of RE2's own default:
thousands of tasks are kept in memory, and any pattern that a person writes fits."""

COMPILED_KEPT: Final = 4096
"""Distinct ``expect`` blocks kept compiled. Most tasks share a few of them."""


class _Pattern(Protocol):
    def search(self, text: bytes) -> object | None: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one answer; `error` is a sentence, empty if it was accepted."""

    reason: Reason
    error: str = ""


ACCEPTED: Final = Verdict(Reason.OK)


@dataclass(frozen=True, slots=True)
class CompiledExpect:
    """An `Expect` that can judge answers. Made by `compile_expect`."""

    source: Expect
    _codes: frozenset[int]
    _pattern: _Pattern | None

    def judge(self, code: int, body: bytes, truncated: bool) -> Verdict:
        """Judge an HTTP answer.

        Parameters
        ----------
        code
            The HTTP status.
        body
            The answer as far as it was read, in UTF-8.
        truncated
            Whether there was more than `body`. The part that was read is matched all
            the same, and the error of a mismatch says that it was a part.
        """
        if code not in self._codes:
            expected = ", ".join(self.source.status_codes)
            return Verdict(Reason.UNEXPECTED_STATUS, f"expected status {expected}, got {code}")
        return self.judge_body(body, truncated)

    def judge_body(self, body: bytes, truncated: bool) -> Verdict:
        """Judge an answer by its body alone, as for gRPC, whose status is OK or an error."""
        if self._pattern is None or self._pattern.search(body) is not None:
            return ACCEPTED
        found = f"no match of the regular expression {self.source.body_regex!r}"
        if truncated:
            where = f"in the first {len(body)} bytes of the answer, which was cut there"
        else:
            where = f"in the answer of {len(body)} bytes"
        return Verdict(Reason.BODY_MISMATCH, f"{found} {where}")


@lru_cache(maxsize=COMPILED_KEPT)
def compile_expect(expect: Expect) -> CompiledExpect:
    """Compile `expect`.

    Raises
    ------
    ExpectError
        With the path of the field, if a range or the regular expression is wrong.
    """
    codes: set[int] = set()
    for index, text in enumerate(expect.status_codes):
        codes.update(_parse_range(text, f"spec.expect.statusCodes[{index}]"))
    return CompiledExpect(expect, frozenset(codes), _compile_regex(expect.body_regex))


def _parse_range(text: str, field: str) -> range:
    first, dash, last = text.partition("-")
    low = _parse_code(first, text, field)
    high = _parse_code(last, text, field) if dash else low
    if low > high:
        raise ExpectError(field, f"expected a range that ascends, got {quoted(text)}")
    return range(low, high + 1)


def _parse_code(digits: str, text: str, field: str) -> int:
    # int() alone would also take signs, blanks, underscores and foreign digits.
    # And of more digits than a few thousand it would make an error of its own.
    known = len(digits) == 3 and digits.isascii() and digits.isdigit()
    if known and LOWEST_STATUS <= int(digits) <= HIGHEST_STATUS:
        return int(digits)
    raise ExpectError(
        field,
        f"expected a status from {LOWEST_STATUS} to {HIGHEST_STATUS}, such as '204', "
        f"or a range, such as '200-299', got {quoted(text)}",
    )


def _compile_regex(regex: str) -> _Pattern | None:
    if not regex:
        return None
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MAX_REGEX_MEMORY
    try:
        return cast(_Pattern, re2.compile(regex.encode(), options))
    except UnicodeEncodeError as error:
        raise ExpectError(
            "spec.expect.bodyRegex", f"expected Unicode text, got {quoted(regex)}"
        ) from error
    except re2.error as error:
        raise ExpectError(
            "spec.expect.bodyRegex",
            f"expected an RE2 regular expression, got {quoted(regex)}: {_reason(error)}",
        ) from error


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)

"""expect compiles ``spec.expect``, and judges each answer by it, for the callbacks.

Status codes become ranges. The regular expression is RE2: Go's syntax, as the
documented API promises, and linear time, so that no pattern and no answer can stall
the operator. It is compiled when it is first needed; see `crontask_core.expressions`.
"""

from dataclasses import dataclass
from typing import Final

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expressions import EXPRESSIONS
from crontask_core.spec import Expect
from crontask_core.tenant import TENANT
from crontask_core.truncate import quoted

LOWEST_STATUS: Final = 100
HIGHEST_STATUS: Final = 599


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
    tenant: str
    """Whose compiled expressions its own is counted among."""
    _codes: tuple[range, ...]

    def reads_body(self, code: int) -> bool:
        """Whether the body of an answer with this HTTP status matters."""
        return bool(self.source.body_regex) and self._has(code)

    def judge(self, code: int, body: bytes | bytearray, truncated: bool) -> Verdict:
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
        if not self._has(code):
            expected = ", ".join(self.source.status_codes)
            return Verdict(Reason.UNEXPECTED_STATUS, f"expected status {expected}, got {code}")
        return self.judge_body(body, truncated)

    @property
    def body_is_expected(self) -> bool:
        """Whether anything is expected of the body."""
        return bool(self.source.body_regex)

    def judge_body(self, body: bytes | bytearray, truncated: bool) -> Verdict:
        """Judge an answer by its body alone, as for gRPC, whose status is OK or an error."""
        regex = self.source.body_regex
        if not regex or EXPRESSIONS.get(self.tenant, regex).search(body) is not None:
            return ACCEPTED
        found = f"no match of the regular expression '{regex}'"
        if truncated:
            where = f"in the first {len(body)} bytes of the answer, which was cut there"
        else:
            where = f"in the answer of {len(body)} bytes"
        return Verdict(Reason.BODY_MISMATCH, f"{found} {where}")

    def _has(self, code: int) -> bool:
        for codes in self._codes:  # noqa: SIM110 - twice as fast as any(), for each answer
            if code in codes:
                return True
        return False


def compile_expect(
    expect: Expect, *, tenant: str | None = None, keep: bool = True
) -> CompiledExpect:
    """Compile `expect`.

    Parameters
    ----------
    tenant
        Whose memory the expression takes, by default that of `TENANT`.
    keep
        Whether the expression is kept compiled until it is first needed.

    Raises
    ------
    ExpectError
        With the path of the field, if a range or the regular expression is wrong.
    """
    codes = tuple(
        _parse_range(text, f"spec.expect.statusCodes[{index}]")
        for index, text in enumerate(expect.status_codes)
    )
    whose = TENANT.get() if tenant is None else tenant
    if expect.body_regex:
        (EXPRESSIONS.get if keep else EXPRESSIONS.check)(whose, expect.body_regex)
    return CompiledExpect(expect, whose, codes)


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

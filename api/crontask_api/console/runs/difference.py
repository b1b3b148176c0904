"""difference_of tells what an attempt was expected to bring and what it brought."""

from dataclasses import dataclass

from crontask_api.console.words.language import Language
from crontask_core.enums import Reason
from crontask_core.spec import CronTaskSpec
from crontask_history.row import RunRow


@dataclass(frozen=True, slots=True)
class Difference:
    """Both in words. What was expected is what the definition says now."""

    expected: str
    came: str


def difference_of(row: RunRow, spec: CronTaskSpec | None, language: Language) -> Difference | None:
    """Return the difference, None if the attempt failed for another reason or not at all."""
    if spec is None:
        return None
    text, expect = language.text, spec.expect
    match row.reason:
        case Reason.UNEXPECTED_STATUS if row.code is not None:
            codes = ", ".join(expect.status_codes)
            return Difference(text("expected.codes", codes=codes), text("came.code", code=row.code))
        case Reason.BODY_MISMATCH if expect.body_regex:
            return Difference(text("expected.body", pattern=expect.body_regex), text("came.none"))
        case Reason.TIMEOUT if row.end_time is not None:
            took = language.span((row.end_time - row.begin_time).total_seconds())
            return Difference(
                text("expected.time", seconds=spec.timeout_seconds), text("came.time", span=took)
            )
        case Reason.GRPC_ERROR if row.code is not None:
            return Difference(text("expected.grpc"), text("came.grpc", code=row.code))
        case _:
            return None

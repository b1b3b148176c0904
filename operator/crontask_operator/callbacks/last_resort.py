"""last_resort makes a result of an error that nobody foresaw, for both protocols."""

import logging

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import Attempt, CallResult

logger = logging.getLogger(__name__)


def internal_error(
    attempt: Attempt,
    error: Exception,
    code: int | None = None,
    retry_after: float | None = None,
) -> CallResult:
    """Log `error` and return the result of the attempt, with what came of an answer.

    The error's own words go into the log alone, as a fault of the operator's: they may
    hold anything.
    """
    logger.error(
        "The call failed within the operator.",
        exc_info=error,
        extra={
            "namespace": attempt.namespace,
            "task": attempt.name,
            "execution_id": attempt.execution_id,
        },
    )
    return CallResult(
        Reason.INTERNAL_ERROR,
        code=code,
        error=f"the operator failed with {type(error).__name__}; its log has the details",
        retry_after=retry_after,
    )

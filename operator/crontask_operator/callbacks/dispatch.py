"""Choosing the callback by the protocol that a spec names."""

import logging
from typing import Final

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import Attempt, Callback, CallResult

logger: Final = logging.getLogger(__name__)


class CallbackRouter:
    """Passes each attempt to the callback of its protocol.

    It is also the last line: an error that no callback expected becomes an
    InternalError of this one attempt, with its traceback in the log.
    """

    def __init__(self, http: Callback, grpc: Callback) -> None:
        self._http = http
        self._grpc = grpc

    async def call(self, attempt: Attempt) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        callback = self._grpc if attempt.spec.callback.grpc is not None else self._http
        try:
            return await callback.call(attempt)
        except Exception as error:
            logger.exception(
                "The call of %s/%s, run %s, failed within the operator.",
                attempt.namespace,
                attempt.name,
                attempt.execution_id,
            )
            return CallResult(
                reason=Reason.INTERNAL_ERROR,
                error=f"the operator failed with {type(error).__name__}; its log has the details",
            )

    async def close(self) -> None:
        """Release the connections of both."""
        await self._http.close()
        await self._grpc.close()

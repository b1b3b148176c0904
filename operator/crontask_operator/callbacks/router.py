"""CallbackRouter chooses the callback by the protocol that a spec names, for the engine."""

import logging

from crontask_operator.callbacks.base import (
    Attempt,
    BeforeSending,
    Callback,
    CallResult,
    nothing,
)
from crontask_operator.callbacks.last_resort import internal_error

logger = logging.getLogger(__name__)


class CallbackRouter:
    """Passes each attempt to the callback of its protocol."""

    def __init__(self, http: Callback, grpc: Callback) -> None:
        self._http = http
        self._grpc = grpc

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        try:
            return await self._callback_of(attempt).call(attempt, before_sending)
        except Exception as error:
            # A callback does not raise. If one does, the run gets its record and its retry.
            return internal_error(attempt, error)

    def prepare(self, attempt: Attempt) -> None:
        """Prepare a call; see `Callback.prepare`."""
        try:
            self._callback_of(attempt).prepare(attempt)
        except Exception:
            # The call meets the same error, and its record tells.
            logger.exception("A call was not prepared.")

    async def close(self) -> None:
        """Release the connections of both."""
        await self._http.close()
        await self._grpc.close()

    def _callback_of(self, attempt: Attempt) -> Callback:
        return self._grpc if attempt.spec.callback.grpc is not None else self._http

"""Choosing the callback by the protocol that a spec names."""

from crontask_operator.callbacks.base import (
    Attempt,
    BeforeSending,
    Callback,
    CallResult,
    nothing,
)


class CallbackRouter:
    """Passes each attempt to the callback of its protocol."""

    def __init__(self, http: Callback, grpc: Callback) -> None:
        self._http = http
        self._grpc = grpc

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        callback = self._grpc if attempt.spec.callback.grpc is not None else self._http
        return await callback.call(attempt, before_sending)

    async def close(self) -> None:
        """Release the connections of both."""
        await self._http.close()
        await self._grpc.close()

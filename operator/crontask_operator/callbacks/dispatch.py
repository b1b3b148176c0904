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
        return await self._callback_of(attempt).call(attempt, before_sending)

    def prepare(self, attempt: Attempt) -> None:
        """Prepare a call; see `Callback.prepare`."""
        self._callback_of(attempt).prepare(attempt)

    async def close(self) -> None:
        """Release the connections of both."""
        await self._http.close()
        await self._grpc.close()

    def _callback_of(self, attempt: Attempt) -> Callback:
        return self._grpc if attempt.spec.callback.grpc is not None else self._http

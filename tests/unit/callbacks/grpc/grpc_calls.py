"""Calling the one method of `tests.support.grpc_targets`."""

from collections.abc import Awaitable, Callable

from crontask_core.spec import GrpcCallback, Header, Tls
from tests.support.grpc_targets import SERVICE
from tests.support.wait import eventually
from tests.unit.callbacks.calls import Caller


def close_orders(
    address: str,
    body: str = "",
    *,
    metadata: tuple[Header, ...] = (),
    tls: Tls | None = None,
) -> GrpcCallback:
    """Return a callback that calls Close."""
    return GrpcCallback(
        address=address, service=SERVICE, method="Close", body=body, metadata=metadata, tls=tls
    )


async def eventually_ok(caller: Caller, callback: GrpcCallback) -> None:
    """Call until it succeeds."""

    async def succeeds() -> bool:
        return (await caller(callback)).ok

    predicate: Callable[[], bool | Awaitable[bool]] = succeeds
    await eventually(predicate)

"""Where a gRPC callback's method comes from: reflection, or a ConfigMap."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, NamedTuple

from google.protobuf.descriptor_pool import DescriptorPool

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback
from crontask_operator.callbacks.descriptor_sets import DescriptorSets
from crontask_operator.callbacks.descriptors import Method, build_pool, find_method, find_service
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.grpc_channels import ChannelPool, Target
from crontask_operator.callbacks.grpc_metadata import Metadata
from crontask_operator.callbacks.reflection import service_files
from crontask_operator.callbacks.ttl_cache import TtlCache

REFLECTED_SECONDS: Final = 300.0
"""How long what a server told of itself is used. A server that is rolled out meanwhile
shows it by UNIMPLEMENTED, or by a body that does not fit; both ask it again."""

FRESH_SECONDS: Final = 5.0
"""Age up to which descriptors are not asked for again when a body does not fit them:
then it is the body that is wrong."""

SERVICES_KEPT: Final = 512


class _Key(NamedTuple):
    """Whom to ask for what. Reflection may need the same credentials as the call."""

    target: Target
    service: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Reflected:
    pool: DescriptorPool
    since: float


class MethodFinder:
    """Finds methods, and remembers what servers told of theirs."""

    def __init__(
        self,
        channels: ChannelPool,
        sets: DescriptorSets,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._channels = channels
        self._sets = sets
        self._clock = clock
        self._reflected = TtlCache(
            self._reflect, lambda _: REFLECTED_SECONDS, size=SERVICES_KEPT, clock=clock
        )

    async def find(
        self, callback: GrpcCallback, namespace: str, target: Target, metadata: Metadata
    ) -> Method:
        """Return the method that `callback` names.

        Raises
        ------
        CallError
            InvalidRequest if it does not exist, streams, or cannot be described.
        grpc.aio.AioRpcError
            If the server could not be asked.
        """
        reference = callback.descriptor_set_ref
        if reference is not None:
            pool = await self._sets.pool(namespace, reference)
        else:
            key = _Key(target, callback.service, metadata)
            pool = (await self._reflected.get(key)).pool
        service = find_service(pool, callback.service)
        if service is None:
            raise CallError(
                Reason.INVALID_REQUEST,
                f"spec.callback.grpc.service: the descriptors have no service {callback.service!r}",
            )
        return find_method(pool, service, callback.method)

    async def forget(
        self, callback: GrpcCallback, target: Target, metadata: Metadata, *, stale_only: bool
    ) -> bool:
        """Drop what the server told, so that it is asked again; return whether that helps.

        With `stale_only`, what it told within `FRESH_SECONDS` is kept.
        """
        if callback.descriptor_set_ref is not None:
            return False
        key = _Key(target, callback.service, metadata)
        if stale_only:
            reflected = await self._reflected.get(key)
            if self._clock() - reflected.since < FRESH_SECONDS:
                return False
        self._reflected.forget(key)
        return True

    async def close(self) -> None:
        """Stop asking."""
        await self._reflected.close()
        await self._sets.close()

    async def _reflect(self, key: _Key) -> _Reflected:
        async with self._channels.channel(key.target) as channel:
            files = await service_files(channel, key.service, key.metadata)
        return _Reflected(build_pool(files), self._clock())

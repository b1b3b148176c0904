"""MethodFinder finds the method of a gRPC callback: by reflection, or in a ConfigMap."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final, NamedTuple

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback
from crontask_operator.callbacks.errors import CallError, UnansweredError
from crontask_operator.callbacks.grpc.channels import ChannelPool, Target
from crontask_operator.callbacks.grpc.descriptor_sets import ConfigMapKey, GetConfigMap, read_set
from crontask_operator.callbacks.grpc.foreign import ForeignError
from crontask_operator.callbacks.grpc.metadata import Metadata
from crontask_operator.callbacks.grpc.method import Method
from crontask_operator.callbacks.grpc.reflection import reflect
from crontask_operator.callbacks.grpc.schema import Schema
from crontask_operator.callbacks.grpc.side_thread import SideThread
from crontask_operator.sharing.fair_gate import FairGate, GateError
from crontask_operator.sharing.loading_cache import LAST_KNOWN_SECONDS, LoadingCache
from crontask_operator.sharing.share_watch import ShareWatch

REFLECTED_SECONDS: Final = 300.0
"""How long what a server told of itself is used. A server that is rolled out meanwhile
shows it by UNIMPLEMENTED, or by a body that does not fit; both ask it again."""

SET_SECONDS: Final = 30.0
"""How long a descriptor set is used, as a Secret is."""

UNUSABLE_SECONDS: Final = 5.0
"""How long a failure is remembered, as that of a Secret is. Until then nobody is asked
again, so a server whose descriptors take long to refuse costs that once."""

FRESH_SECONDS: Final = 5.0
"""Age up to which descriptors are not asked for again when a body does not fit them:
then it is the body that is wrong."""

SCHEMAS_BYTES: Final = 64 * 1024 * 1024
"""Bytes of descriptors that are kept in all."""

SHARE_BYTES: Final = 32 * 1024 * 1024
"""Bytes of descriptors that are kept for a namespace: the largest schema that is taken, or
hundreds of common ones."""

KEY_BYTES: Final = 1024
"""What a schema takes besides its descriptors; it bounds how many are kept."""

TIDY_BYTES: Final = 32 * 1024 * 1024
"""Bytes of evicted descriptors after which garbage is collected: classes of messages are
in cycles, so dropping them frees nothing by itself."""

REFLECTIONS: Final = 16
"""Servers that are asked at a time: each may send 4 MiB, and then 4 MiB that do not end."""

REFLECTIONS_SHARE: Final = 0.5
"""Part of them that one namespace may ask while no other asks any; see `FairQueue`."""


_REFERENCE: Final = "spec.callback.grpc.descriptorSetRef"


class _Server(NamedTuple):
    """Whom to ask for what, and for whom. Reflection may need the call's credentials."""

    namespace: str
    target: Target
    service: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found, or why nothing: `problem` is the reason of a failed attempt.

    It holds for `seconds`, and for `outlast` more while there is no answer.
    """

    schema: Schema | None
    since: float
    seconds: float
    problem: str = ""
    outlast: float = 0.0
    unanswered: bool = False


class MethodFinder:
    """Finds methods, and remembers what servers and ConfigMaps told of theirs."""

    def __init__(
        self,
        channels: ChannelPool,
        get_config_map: GetConfigMap,
        *,
        limit: int = SCHEMAS_BYTES,
        share: int = SHARE_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._channels = channels
        self._get_config_map = get_config_map
        self._clock = clock
        self._thread = SideThread()
        self._turns = FairGate(REFLECTIONS, REFLECTIONS_SHARE, ShareWatch("reflections").full)
        self._cache = LoadingCache[_Server | ConfigMapKey, _Found](
            self._load,
            lambda found: found.seconds,
            weigh=_weigh,
            limit=limit,
            share=share,
            dropped=self._evicted,
            outlast=lambda found: found.outlast,
            unanswered=lambda found: found.unanswered,
            clock=clock,
        )
        self._evicted_bytes = 0

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
        key = _key(callback, namespace, target, metadata)
        found = await self._cache.get(namespace, key)
        if found.schema is None:
            raise CallError(Reason.INVALID_REQUEST, found.problem)
        try:
            return found.schema.method(callback.service, callback.method)
        except ForeignError as error:
            raise CallError(
                Reason.INVALID_REQUEST,
                f"the types of {callback.service}.{callback.method} cannot be used: {error}",
            ) from error

    async def forget(
        self,
        callback: GrpcCallback,
        namespace: str,
        target: Target,
        metadata: Metadata,
        *,
        stale_only: bool,
    ) -> bool:
        """Drop what the server told, so that it is asked again; return whether that helps.

        With `stale_only`, what it told within `FRESH_SECONDS` is kept.
        """
        key = _key(callback, namespace, target, metadata)
        if isinstance(key, ConfigMapKey):
            return False
        if stale_only:
            found = await self._cache.get(namespace, key)
            if self._clock() - found.since < FRESH_SECONDS:
                return False
        self._cache.forget(namespace, key)
        return True

    async def close(self) -> None:
        """Stop asking."""
        await self._cache.close()
        self._thread.close()

    async def _load(self, key: _Server | ConfigMapKey) -> _Found:
        if isinstance(key, ConfigMapKey):
            return await self._read_set(key)
        try:
            return _Found(await self._reflect(key), self._clock(), REFLECTED_SECONDS)
        except CallError as error:
            if error.reason is not Reason.INVALID_REQUEST:
                raise
            return self._unusable(error.message)

    async def _read_set(self, place: ConfigMapKey) -> _Found:
        try:
            schema = await read_set(self._get_config_map, place, self._thread)
        except UnansweredError as error:
            return self._unusable(f"{_REFERENCE}: {error.message}", unanswered=True)
        if isinstance(schema, str):
            return self._unusable(f"{_REFERENCE}: {schema}")
        return _Found(schema, self._clock(), SET_SECONDS, outlast=LAST_KNOWN_SECONDS)

    async def _reflect(self, key: _Server) -> Schema:
        aside = partial(self._thread.run, key.namespace)
        try:
            async with (
                self._turns.turn(key.namespace),
                self._channels.channel(key.target) as channel,
            ):
                return await reflect(channel, key.service, key.metadata, aside)
        except GateError as error:
            raise CallError(
                Reason.CONNECTION_ERROR, f"the server is not asked for its types: {error}"
            ) from error

    def _unusable(self, problem: str, *, unanswered: bool = False) -> _Found:
        return _Found(None, self._clock(), UNUSABLE_SECONDS, problem, unanswered=unanswered)

    def _evicted(self, _found: _Found, size: int) -> None:
        self._evicted_bytes += size
        if self._evicted_bytes > TIDY_BYTES:
            self._evicted_bytes = 0
            gc.collect()


def _key(
    callback: GrpcCallback, namespace: str, target: Target, metadata: Metadata
) -> _Server | ConfigMapKey:
    reference = callback.descriptor_set_ref
    if reference is not None:
        return ConfigMapKey(namespace, reference.name, reference.key)
    return _Server(namespace, target, callback.service, metadata)


def _weigh(key: _Server | ConfigMapKey, found: _Found) -> int:
    size = KEY_BYTES + (len(found.problem) if found.schema is None else found.schema.memory)
    if isinstance(key, _Server):
        size += sum(len(name) + len(value) for name, value in key.metadata)
        tls = key.target.tls
        size += len(tls.ca_pem or "") if tls is not None else 0
    return size

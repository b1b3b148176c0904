"""GrpcCallbackClient makes one unary call an attempt, with JSON on both sides, for the router."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import grpc
import grpc.aio

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import CompiledExpect, compile_expect
from crontask_core.spec import GrpcCallback
from crontask_operator.callbacks.addresses.address_guard import MAX_ADDRESSES, AddressGuard
from crontask_operator.callbacks.addresses.authorities import Authority, parse_authority
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES, kept_bytes
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.callbacks.connection.proxies import parse_proxy
from crontask_operator.callbacks.connection.tls import TlsPolicy
from crontask_operator.callbacks.errors import CallError, describe
from crontask_operator.callbacks.grpc.channel_widths import Widths
from crontask_operator.callbacks.grpc.channels import ChannelPool, Target
from crontask_operator.callbacks.grpc.descriptor_sets import GetConfigMap
from crontask_operator.callbacks.grpc.foreign import ForeignError, shown
from crontask_operator.callbacks.grpc.metadata import Metadata, attempt_metadata, spec_metadata
from crontask_operator.callbacks.grpc.method import Method, TooLargeReplyError
from crontask_operator.callbacks.grpc.method_finder import MethodFinder
from crontask_operator.callbacks.grpc.reply_rooms import (
    NARROW_BYTES,
    NO_ROOM,
    ReplyRooms,
    wide_bytes,
)
from crontask_operator.callbacks.grpc.status import failed, is_too_long, unusable_reply
from crontask_operator.callbacks.last_resort import internal_error
from crontask_operator.callbacks.matcher import Matcher
from crontask_operator.callbacks.secrets.redaction import Redactor
from crontask_operator.callbacks.secrets.references import check_references
from crontask_operator.callbacks.secrets.secret_reader import SecretReader, SecretUnavailableError

DEADLINE_SLACK_SECONDS: Final = 1
"""What the deadline that is sent adds to the attempt's own, so that a status of
DEADLINE_EXCEEDED is always the server's word."""


@dataclass(slots=True)
class _Came:
    """What came of an attempt so far: its status, and which values must not be shown."""

    redactor: Redactor = field(default_factory=Redactor)
    code: int | None = None


class GrpcCallbackClient:
    """Calls unary gRPC methods.

    Parameters
    ----------
    guard
        Decides which addresses may be called.
    secrets
        Gives the metadata values and CA certificates that a spec refers to.
    get_config_map
        Gives the ConfigMaps that hold descriptor sets.
    response_cap_bytes
        How much of a reply's JSON is judged, in bytes.
    record_bytes
        How much of it a record keeps, in bytes.
    user_agent
        Begin of the user-agent, to which gRPC adds its own.
    proxy
        URL of an HTTP proxy for all calls, or None. Environment variables are ignored.
    """

    def __init__(
        self,
        guard: AddressGuard,
        secrets: SecretReader,
        get_config_map: GetConfigMap,
        *,
        response_cap_bytes: int = RESPONSE_CAP_BYTES,
        record_bytes: int = RECORD_BODY_BYTES,
        user_agent: str,
        proxy: str | None = None,
    ) -> None:
        through = None if proxy is None else parse_proxy(proxy)
        self._guard = guard
        self._secrets = secrets
        self._cap = response_cap_bytes
        self._kept = kept_bytes(record_bytes)
        self._proxied = proxy is not None
        wide = wide_bytes(response_cap_bytes)
        self._rooms = ReplyRooms(wide)
        widths = Widths(NARROW_BYTES, wide)
        self._channels = ChannelPool(user_agent=user_agent, proxy=through, widths=widths)
        self._finder = MethodFinder(self._channels, get_config_map)
        self._matcher = Matcher()

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        came = _Came()
        try:
            async with asyncio.timeout(attempt.spec.timeout_seconds):
                expect = compile_expect(attempt.spec.expect)
                return await self._exchange(attempt, expect, came, before_sending)
        except TimeoutError:
            error = f"no answer within {attempt.spec.timeout_seconds} s"
            return CallResult(Reason.TIMEOUT, error=error)
        except CallError as error:
            return CallResult(error.reason, error=shown(error.message, came.redactor))
        except ExpectError as error:
            return CallResult(Reason.INVALID_REQUEST, error=str(error))
        except SecretUnavailableError as error:
            return CallResult(Reason.SECRET_UNAVAILABLE, error=error.message)
        except OSError as error:
            return CallResult(Reason.CONNECTION_ERROR, error=describe(error))
        except Exception as error:
            # Nothing is known to get here. If something does, the status that came is kept,
            # or a retry that is configured by it would not be made.
            return internal_error(attempt, error, came.code)

    def prepare(self, attempt: Attempt) -> None:
        """Do nothing: what a method looks like has to be asked, which takes time."""

    async def close(self) -> None:
        """Release connections. No call may follow."""
        await self._finder.close()
        await self._channels.close()
        self._matcher.close()

    async def _exchange(
        self,
        attempt: Attempt,
        expect: CompiledExpect,
        came: _Came,
        before_sending: BeforeSending,
    ) -> CallResult:
        redactor = came.redactor
        callback = attempt.spec.callback.grpc
        if callback is None:
            raise CallError(Reason.INVALID_REQUEST, "spec.callback.grpc: expected it, got none")
        check_references(callback)
        target = await self._target(callback, attempt.namespace)
        metadata = await spec_metadata(
            callback.metadata, attempt.namespace, self._secrets, redactor
        )
        try:
            method, message = await self._request(callback, attempt.namespace, target, metadata)
            reply = await self._reply(
                attempt, (method.path, message), target, metadata, before_sending
            )
            came.code = 0
            text = method.reply(reply)
            return await self._judged(attempt.namespace, text, expect, redactor)
        except grpc.aio.AioRpcError as error:
            came.code = error.code().value[0]
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                await self._finder.forget(
                    callback, attempt.namespace, target, metadata, stale_only=False
                )
            result = failed(error, redactor, connected=self._channels.is_connected(target))
            if _is_unverified(target) and error.code() is grpc.StatusCode.UNAVAILABLE:
                # The server may have another certificate by now.
                await self._channels.retire(target)
            return result
        except TooLargeReplyError as error:
            return unusable_reply(str(error), grpc.StatusCode.RESOURCE_EXHAUSTED, redactor)
        except ForeignError as error:
            return unusable_reply(str(error), grpc.StatusCode.INTERNAL, redactor)

    async def _reply(
        self,
        attempt: Attempt,
        call: tuple[str, bytes],
        target: Target,
        metadata: Metadata,
        before_sending: BeforeSending,
    ) -> bytes:
        """Send a message to the method of a path and return what comes back."""
        path, message = call
        namespace = attempt.namespace
        async with (
            self._rooms.room(namespace, target, path) as used,
            self._channels.channel(used) as channel,
        ):
            before_sending()
            try:
                reply: bytes = await channel.unary_unary(
                    path, request_serializer=bytes, response_deserializer=bytes
                )(
                    message,
                    timeout=attempt.spec.timeout_seconds + DEADLINE_SLACK_SECONDS,
                    metadata=metadata + attempt_metadata(attempt),
                )
            except grpc.aio.AioRpcError as error:
                if used.narrow and is_too_long(error):
                    self._rooms.note_long(namespace, target, path)
                    raise TooLargeReplyError(NO_ROOM) from error
                raise
        if len(reply) > NARROW_BYTES:
            self._rooms.note_long(namespace, target, path)
        return reply

    async def _request(
        self, callback: GrpcCallback, namespace: str, target: Target, metadata: Metadata
    ) -> tuple[Method, bytes]:
        method = await self._finder.find(callback, namespace, target, metadata)
        try:
            return method, method.request(callback.body)
        except ForeignError as error:
            if not await self._finder.forget(
                callback, namespace, target, metadata, stale_only=True
            ):
                raise _misfit(error) from error
        # The server may have learnt a field since it was asked.
        method = await self._finder.find(callback, namespace, target, metadata)
        try:
            return method, method.request(callback.body)
        except ForeignError as error:
            raise _misfit(error) from error

    async def _target(self, callback: GrpcCallback, namespace: str) -> Target:
        try:
            authority = parse_authority(callback.address)
        except ValueError as error:
            raise CallError(
                Reason.INVALID_REQUEST, f"spec.callback.grpc.address: {error}"
            ) from error
        policy = None
        if callback.tls is not None:
            reference = callback.tls.ca_secret_ref
            ca_pem = None
            if reference is not None:
                ca_pem = await self._secrets.read(namespace, reference.name, reference.key)
            policy = TlsPolicy(ca_pem, verify=not callback.tls.insecure_skip_verify)
        return Target(authority, await self._addresses(authority), policy)

    async def _addresses(self, authority: Authority) -> tuple[str, ...]:
        if self._proxied and self._guard.proxied_name(authority.host) is not None:
            return ()
        checked = await self._guard.addresses(authority.host, authority.port)
        # One family, for a channel takes no mix, in an order that does not change with
        # every answer of the name server, for each order would be another channel.
        family = type(checked[0])
        return tuple(sorted(str(item) for item in checked if type(item) is family))[:MAX_ADDRESSES]

    async def _judged(
        self, namespace: str, body: bytes, expect: CompiledExpect, redactor: Redactor
    ) -> CallResult:
        truncated = len(body) > self._cap
        body = body[: self._cap]
        verdict = await self._matcher.judge_body(namespace, expect, body, truncated)
        kept = body[: self._kept]
        cut = truncated or len(kept) < len(body)
        return CallResult(
            reason=verdict.reason,
            code=0,
            response=redactor.clean(kept.decode("utf-8", "ignore"), cut=cut),
            response_bytes=len(body) if len(kept) < len(body) else None,
            truncated=truncated,
            error=redactor.clean(verdict.error),
        )


def _misfit(error: ForeignError) -> CallError:
    return CallError(Reason.INVALID_REQUEST, f"spec.callback.grpc.body: {error}")


def _is_unverified(target: Target) -> bool:
    return target.tls is not None and not target.tls.verify

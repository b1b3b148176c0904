"""The HTTP callback: one attempt is one request, read up to a bound and judged."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

import httpx

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import CompiledExpect, compile_expect
from crontask_core.spec import CronTaskSpec, HttpCallback, Tls
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.callbacks.errors import HTTPX_ERRORS, CallError, to_call_error
from crontask_operator.callbacks.netguard import AddressGuard
from crontask_operator.callbacks.proxies import parse_proxy
from crontask_operator.callbacks.request import (
    PreparedRequest,
    attempt_headers,
    check_value,
    prepare,
)
from crontask_operator.callbacks.retry_after import retry_after_seconds
from crontask_operator.callbacks.tls import TlsPolicy
from crontask_operator.callbacks.transport import TLS_EXTENSION, WireTransport
from crontask_operator.callbacks.wire import RawHeaders
from crontask_operator.secrets import SecretReader, SecretUnavailableError

RESPONSE_CAP_BYTES: Final = 1024 * 1024
"""Default bound of what is read of an answer, in bytes after decompression."""

PREPARED_KEPT: Final = 8192
"""Tasks whose request is kept prepared, at one to two KB each."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything that an attempt needs from its spec, made once."""

    spec: CronTaskSpec
    callback: HttpCallback
    request: PreparedRequest
    expect: CompiledExpect


@dataclass(slots=True)
class _Answer:
    """What has arrived so far. It outlives a timeout, which tells it in the record."""

    code: int | None = None
    encoding: str = "utf-8"
    retry_after: float | None = None
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    truncated: bool = False

    @property
    def body(self) -> bytes:
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)


class HttpCallbackClient:
    """Calls HTTP targets.

    Parameters
    ----------
    guard
        Decides which addresses may be called.
    secrets
        Gives the header values and CA certificates that a spec refers to.
    response_cap_bytes
        How much of an answer is read, in bytes after decompression.
    user_agent
        Value of the User-Agent header, unless the spec sets its own.
    proxy
        URL of an HTTP proxy for all calls, or None. Environment variables are ignored.
    now
        The wall clock, aware, against which a Retry-After date is measured.
    transport
        Replaces the network, as in httpx; `guard` and `proxy` are then unused.
    """

    def __init__(
        self,
        guard: AddressGuard,
        secrets: SecretReader,
        *,
        response_cap_bytes: int = RESPONSE_CAP_BYTES,
        user_agent: str,
        proxy: str | None = None,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._secrets = secrets
        self._cap = response_cap_bytes
        self._user_agent = user_agent
        self._now = now
        self._transport = transport or WireTransport(
            guard, proxy=None if proxy is None else parse_proxy(proxy)
        )
        self._prepared: OrderedDict[str, _Prepared] = OrderedDict()

    async def call(self, attempt: Attempt) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        answer = _Answer()
        try:
            async with asyncio.timeout(attempt.spec.timeout_seconds):
                prepared = self._prepare(attempt)
                await self._exchange(attempt, prepared, answer)
        except TimeoutError:
            missing = "no answer" if answer.code is None else "no complete answer"
            seconds = attempt.spec.timeout_seconds
            return _result(answer, Reason.TIMEOUT, f"{missing} within {seconds} s")
        except CallError as error:
            return _result(answer, error.reason, error.message)
        except SecretUnavailableError as error:
            return _result(answer, Reason.SECRET_UNAVAILABLE, error.message)
        except HTTPX_ERRORS as error:
            mapped = to_call_error(error)
            return _result(answer, mapped.reason, mapped.message)
        return _judged(answer, prepared.expect)

    async def close(self) -> None:
        """Release connections. No call may follow."""
        await self._transport.aclose()

    def _prepare(self, attempt: Attempt) -> _Prepared:
        prepared = self._prepared.get(attempt.uid)
        if prepared is not None and prepared.spec is attempt.spec:
            self._prepared.move_to_end(attempt.uid)
            return prepared
        callback = attempt.spec.callback.http
        if callback is None:
            raise CallError(Reason.INVALID_REQUEST, "spec.callback.http: expected it, got none")
        try:
            expect = compile_expect(attempt.spec.expect)
        except ExpectError as error:
            raise CallError(Reason.INVALID_REQUEST, str(error)) from error
        prepared = _Prepared(attempt.spec, callback, prepare(callback, self._user_agent), expect)
        self._prepared[attempt.uid] = prepared
        if len(self._prepared) > PREPARED_KEPT:
            self._prepared.popitem(last=False)
        return prepared

    async def _exchange(self, attempt: Attempt, prepared: _Prepared, answer: _Answer) -> None:
        request = prepared.request
        headers = request.headers + attempt_headers(attempt)
        if request.secret_headers:
            headers += await self._secret_headers(attempt.namespace, request)
        extensions = None
        if prepared.callback.tls is not None:
            policy = await self._tls_policy(attempt.namespace, prepared.callback.tls)
            extensions = {TLS_EXTENSION: policy}
        response = await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers=headers,
                stream=httpx.ByteStream(request.content),
                extensions=extensions,
            )
        )
        # The stream is used as the transport made it, which has decoded it: httpx's own
        # iterators would decode without a bound, and cost more than the read.
        stream = cast(httpx.AsyncByteStream, response.stream)
        try:
            await self._read(response, stream, answer)
        finally:
            await stream.aclose()

    async def _read(
        self, response: httpx.Response, stream: httpx.AsyncByteStream, answer: _Answer
    ) -> None:
        headers = response.headers
        answer.code = response.status_code
        answer.encoding = _charset(headers.get("content-type", ""))
        answer.retry_after = retry_after_seconds(headers.get("retry-after"), self._now())
        async for chunk in stream:
            room = self._cap - answer.size
            if len(chunk) > room:
                answer.chunks.append(chunk[:room])
                answer.size = self._cap
                answer.truncated = True
                return
            answer.chunks.append(chunk)
            answer.size += len(chunk)

    async def _secret_headers(self, namespace: str, request: PreparedRequest) -> RawHeaders:
        headers: RawHeaders = []
        for path, header in request.secret_headers:
            reference = header.secret_key_ref
            if reference is not None:
                value = await self._secrets.read(namespace, reference.name, reference.key)
                # Tools that make a Secret from a file keep its last line break.
                value = value.rstrip("\r\n")
                headers.append((header.name.encode(), check_value(value, path)))
        return headers

    async def _tls_policy(self, namespace: str, tls: Tls) -> TlsPolicy:
        reference = tls.ca_secret_ref
        ca_pem = None
        if reference is not None:
            ca_pem = await self._secrets.read(namespace, reference.name, reference.key)
        return TlsPolicy(ca_pem, verify=not tls.insecure_skip_verify)


def _judged(answer: _Answer, expect: CompiledExpect) -> CallResult:
    body = answer.body
    if answer.encoding != "utf-8":
        body = body.decode(answer.encoding, "replace").encode()
    verdict = expect.judge(answer.code or 0, body, answer.truncated)
    return _result(answer, verdict.reason, verdict.error)


def _result(answer: _Answer, reason: Reason, error: str) -> CallResult:
    return CallResult(
        reason=reason,
        code=answer.code,
        response=answer.body.decode(answer.encoding, "replace"),
        truncated=answer.truncated,
        error=error,
        retry_after=answer.retry_after,
    )


def _charset(content_type: str) -> str:
    """Return the text codec that a Content-Type names, or UTF-8."""
    _, found, name = content_type.lower().partition("charset=")
    if not found:
        return "utf-8"
    charset = name.partition(";")[0].strip(" \"'")
    try:
        b"".decode(charset)
    except (LookupError, ValueError):
        return "utf-8"
    return charset

"""The HTTP callback: one attempt is one request, read up to a bound and judged."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import httpx

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import CompiledExpect, compile_expect
from crontask_core.spec import CronTaskSpec, HttpCallback, SecretKeyRef
from crontask_operator.callbacks.answer import Answer
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.callbacks.errors import HTTPX_ERRORS, CallError, to_call_error
from crontask_operator.callbacks.netguard import AddressGuard
from crontask_operator.callbacks.proxies import parse_proxy
from crontask_operator.callbacks.redirects import follow, is_redirect
from crontask_operator.callbacks.request import (
    PreparedRequest,
    attempt_headers,
    check_value,
    prepare,
)
from crontask_operator.callbacks.tls import TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.transport import BEFORE_SENDING, WireTransport
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
        answer = Answer(self._cap)
        try:
            async with asyncio.timeout(attempt.spec.timeout_seconds):
                prepared = self._prepare(attempt)
                await self._exchange(attempt, prepared, answer)
        except TimeoutError:
            missing = "no answer" if answer.code is None else "no complete answer"
            seconds = attempt.spec.timeout_seconds
            return answer.result(Reason.TIMEOUT, f"{missing} within {seconds} s")
        except CallError as error:
            return answer.result(error.reason, error.message)
        except SecretUnavailableError as error:
            return answer.result(Reason.SECRET_UNAVAILABLE, error.message)
        except HTTPX_ERRORS as error:
            mapped = to_call_error(error)
            return answer.result(mapped.reason, mapped.message)
        return answer.judge(prepared.expect)

    async def close(self) -> None:
        """Release connections. No call may follow."""
        await self._transport.aclose()

    def _prepare(self, attempt: Attempt) -> _Prepared:
        prepared = self._prepared.get(attempt.uid)
        if prepared is not None and prepared.spec == attempt.spec:
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

    async def _exchange(self, attempt: Attempt, prepared: _Prepared, answer: Answer) -> None:
        request = await self._request(attempt, prepared, answer)
        hops_left = prepared.callback.follow_redirects
        while True:
            response = await self._transport.handle_async_request(request)
            # Closed by itself: response.aclose() keeps books that only AsyncClient reads.
            stream = cast(httpx.AsyncByteStream, response.stream)
            try:
                if not (hops_left and is_redirect(response)):
                    await answer.read(response, self._now())
                    return
            finally:
                await stream.aclose()
            response.request = request
            request = follow(response, prepared.request.secret_names)
            hops_left -= 1

    async def _request(
        self, attempt: Attempt, prepared: _Prepared, answer: Answer
    ) -> httpx.Request:
        parts = prepared.request
        headers = parts.headers + attempt_headers(attempt)
        for field, name, reference in parts.secret_headers:
            value = await self._read(attempt, reference)
            # Tools that make a Secret from a file keep its last line break.
            value = value.rstrip("\r\n")
            answer.redactor.add(value)
            headers.append((name, check_value(value, field)))
        extensions: dict[str, object] = {BEFORE_SENDING: attempt.before_sending}
        tls = prepared.callback.tls
        if tls is not None:
            ca_pem = None
            if tls.ca_secret_ref is not None:
                ca_pem = await self._read(attempt, tls.ca_secret_ref)
            extensions[TLS_EXTENSION] = TlsPolicy(ca_pem, verify=not tls.insecure_skip_verify)
        return httpx.Request(
            parts.method,
            parts.url,
            headers=headers,
            stream=httpx.ByteStream(parts.content),
            extensions=extensions,
        )

    async def _read(self, attempt: Attempt, reference: SecretKeyRef) -> str:
        return await self._secrets.read(attempt.namespace, reference.name, reference.key)

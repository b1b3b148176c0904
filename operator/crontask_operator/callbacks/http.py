"""The HTTP callback: one attempt is one request, read up to a bound and judged."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import httpx

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import CompiledExpect, compile_expect
from crontask_core.spec import CronTaskSpec, HttpCallback, SecretKeyRef
from crontask_operator.callbacks.answer import Answer
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.callbacks.errors import HTTPX_ERRORS, CallError, to_call_error
from crontask_operator.callbacks.exchange import Exchange
from crontask_operator.callbacks.message import Template
from crontask_operator.callbacks.netguard import AddressGuard
from crontask_operator.callbacks.proxies import parse_proxy
from crontask_operator.callbacks.redirects import follow, is_redirect
from crontask_operator.callbacks.references import check_references
from crontask_operator.callbacks.request import (
    PreparedRequest,
    SecretHeaders,
    attempt_headers,
    check_value,
    prepare,
    task_headers,
)
from crontask_operator.callbacks.response_parser import RawHeaders
from crontask_operator.callbacks.tls import SYSTEM_ROOTS, TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.transport import BEFORE_SENDING, WireTransport
from crontask_operator.secrets import SecretReader, SecretUnavailableError

RESPONSE_CAP_BYTES: Final = 1024 * 1024
"""Default bound of what is read of an answer, in bytes after decompression."""

PREPARED_KEPT: Final = 16384
"""Tasks whose request is kept prepared, at less than one KB each."""


class _Sending(NamedTuple):
    """What one attempt adds to its prepared request."""

    headers: RawHeaders
    tls: TlsPolicy
    before_sending: BeforeSending


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything that an attempt needs from its spec, made once."""

    spec: CronTaskSpec
    callback: HttpCallback
    secret_headers: SecretHeaders
    template: Template
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
    ) -> None:
        self._secrets = secrets
        self._cap = response_cap_bytes
        self._user_agent = user_agent
        self._now = now
        self._transport = WireTransport(guard, proxy=None if proxy is None else parse_proxy(proxy))
        self._prepared: OrderedDict[str, _Prepared] = OrderedDict()

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        answer = Answer(self._cap)
        try:
            async with asyncio.timeout(attempt.spec.timeout_seconds):
                prepared = self._prepare(attempt)
                sending = await self._sending(attempt, prepared, answer, before_sending)
                await self._exchange(attempt, prepared, sending, answer)
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

    def prepare(self, attempt: Attempt) -> None:
        """Lay out the request; see `Callback.prepare`."""
        # What is wrong with the spec, the call will meet too, and tell.
        with contextlib.suppress(CallError, *HTTPX_ERRORS):
            self._prepare(attempt)

    async def close(self) -> None:
        """Release connections. No call may follow."""
        await self._transport.aclose()

    def _prepare(self, attempt: Attempt) -> _Prepared:
        prepared = self._prepared.get(attempt.uid)
        if prepared is not None and (
            prepared.spec is attempt.spec or prepared.spec == attempt.spec
        ):
            self._prepared.move_to_end(attempt.uid)
            return prepared
        callback = attempt.spec.callback.http
        if callback is None:
            raise CallError(Reason.INVALID_REQUEST, "spec.callback.http: expected it, got none")
        check_references(callback)
        try:
            expect = compile_expect(attempt.spec.expect)
        except ExpectError as error:
            raise CallError(Reason.INVALID_REQUEST, str(error)) from error
        request, headers = self._lay_out(attempt, callback)
        template = self._transport.template(request.method, request.url, headers, request.content)
        prepared = _Prepared(attempt.spec, callback, request.secret_headers, template, expect)
        self._prepared[attempt.uid] = prepared
        if len(self._prepared) > PREPARED_KEPT:
            self._prepared.popitem(last=False)
        return prepared

    def _lay_out(
        self, attempt: Attempt, callback: HttpCallback
    ) -> tuple[PreparedRequest, RawHeaders]:
        request = prepare(callback, self._user_agent)
        return request, request.headers + task_headers(attempt.namespace, attempt.task_name)

    async def _sending(
        self, attempt: Attempt, prepared: _Prepared, answer: Answer, before_sending: BeforeSending
    ) -> _Sending:
        headers = attempt_headers(attempt)
        for field, name, reference in prepared.secret_headers:
            value = await self._read(attempt, reference)
            # Tools that make a Secret from a file keep its last line break.
            value = value.rstrip("\r\n")
            answer.redactor.add(value)
            headers.append((name, check_value(value, field)))
        tls = prepared.callback.tls
        if tls is None:
            return _Sending(headers, SYSTEM_ROOTS, before_sending)
        ca_pem = None
        if tls.ca_secret_ref is not None:
            ca_pem = await self._read(attempt, tls.ca_secret_ref)
        policy = TlsPolicy(ca_pem, verify=not tls.insecure_skip_verify)
        return _Sending(headers, policy, before_sending)

    async def _exchange(
        self, attempt: Attempt, prepared: _Prepared, sending: _Sending, answer: Answer
    ) -> None:
        exchange = await self._transport.exchange(
            prepared.template.message(
                sending.headers, tls=sending.tls, before_sending=sending.before_sending
            )
        )
        if prepared.callback.follow_redirects and is_redirect(exchange.head):
            exchange = await self._redirected(exchange, attempt, prepared.callback, sending)
        try:
            await answer.read(exchange, self._now())
        finally:
            exchange.close()

    async def _redirected(
        self, exchange: Exchange, attempt: Attempt, callback: HttpCallback, sending: _Sending
    ) -> Exchange:
        """Go where the answer of `exchange` points, and on; return the last exchange."""
        laid_out, headers = self._lay_out(attempt, callback)
        request = httpx.Request(
            laid_out.method,
            laid_out.url,
            headers=headers + sending.headers,
            stream=httpx.ByteStream(laid_out.content),
            extensions={TLS_EXTENSION: sending.tls, BEFORE_SENDING: sending.before_sending},
        )
        hops_left = callback.follow_redirects
        while hops_left and is_redirect(exchange.head):
            exchange.close()
            request = follow(exchange.head, request, laid_out.secret_names)
            exchange = await self._transport.exchange(self._transport.message(request))
            hops_left -= 1
        return exchange

    async def _read(self, attempt: Attempt, reference: SecretKeyRef) -> str:
        return await self._secrets.read(attempt.namespace, reference.name, reference.key)

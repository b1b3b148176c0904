"""HttpCallbackClient makes one request an attempt, and judges its answer, for the router."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import httpx

from crontask_core.constants import RECORD_BODY_BYTES
from crontask_core.enums import Reason
from crontask_core.spec import SecretKeyRef
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES, kept_bytes
from crontask_operator.callbacks.answer_memory import AnswerMemory, Room
from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from crontask_operator.callbacks.connection.proxies import parse_proxy
from crontask_operator.callbacks.connection.tls import SYSTEM_ROOTS, TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.errors import HTTPX_ERRORS, CallError, to_call_error
from crontask_operator.callbacks.http.answer import Answer
from crontask_operator.callbacks.http.exchange import Exchange
from crontask_operator.callbacks.http.prepared import Prepared, PreparedRequests
from crontask_operator.callbacks.http.redirects import RedirectRefusedError, follow, is_redirect
from crontask_operator.callbacks.http.transport import BEFORE_SENDING, WireTransport
from crontask_operator.callbacks.last_resort import internal_error
from crontask_operator.callbacks.matcher import AT_ONCE_BYTES, Matcher
from crontask_operator.callbacks.request_headers import (
    RawHeaders,
    attempt_headers,
    check_size,
    check_value,
)
from crontask_operator.callbacks.secrets.secret_reader import SecretReader, SecretUnavailableError


@dataclass(slots=True, repr=False)
class _Sending:
    """What one attempt adds to its prepared request."""

    headers: RawHeaders
    tls: TlsPolicy
    before_sending: BeforeSending


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
    record_bytes
        How much of an answer a record keeps, in bytes.
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
        record_bytes: int = RECORD_BODY_BYTES,
        user_agent: str,
        proxy: str | None = None,
        now: Callable[[], datetime],
    ) -> None:
        self._secrets = secrets
        self._cap = response_cap_bytes
        self._kept = kept_bytes(record_bytes)
        self._now = now
        through = None if proxy is None else parse_proxy(proxy)
        self._transport = WireTransport(guard, proxy=through)
        # A proxy's page may show the request, and so may a target that it passes all on to.
        self._own_credentials: tuple[str, ...] = ()
        if through is not None and through.authorization is not None:
            self._own_credentials = (through.authorization.decode(),)
        self._requests = PreparedRequests(self._transport, user_agent)
        # A character of another charset than UTF-8 may take three bytes in it.
        self._memory = AnswerMemory(3 * response_cap_bytes)
        self._matcher = Matcher()

    async def call(self, attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        """Make one attempt; see `Callback.call`."""
        answer = Answer(self._cap, self._kept)
        room = Room(self._memory, attempt.namespace)
        try:
            async with asyncio.timeout(attempt.spec.timeout_seconds):
                return await self._called(attempt, answer, room, before_sending)
        except TimeoutError:
            missing = "no answer" if answer.code is None else "no complete answer"
            if answer.complete:
                missing = "the answer was not matched"
            seconds = attempt.spec.timeout_seconds
            return answer.result(Reason.TIMEOUT, f"{missing} within {seconds} s")
        except CallError as error:
            return answer.result(error.reason, error.message)
        except SecretUnavailableError as error:
            return answer.result(Reason.SECRET_UNAVAILABLE, error.message)
        except HTTPX_ERRORS as error:
            mapped = to_call_error(error)
            return answer.result(mapped.reason, mapped.message)
        except Exception as error:
            # Nothing is known to get here. If something does, what came is kept, or a
            # retry that is configured by the status would not be made.
            return internal_error(attempt, error, answer.code, answer.retry_after)
        finally:
            room.release()

    def prepare(self, attempt: Attempt) -> None:
        """Lay out the request; see `Callback.prepare`."""
        # The call meets what is wrong with the spec as well, and its record tells.
        with contextlib.suppress(CallError, *HTTPX_ERRORS):
            self._requests.get(attempt)

    async def close(self) -> None:
        """Release connections. No call may follow."""
        self._matcher.close()
        await self._transport.aclose()

    async def _called(
        self, attempt: Attempt, answer: Answer, room: Room, before_sending: BeforeSending
    ) -> CallResult:
        prepared = self._requests.get(attempt)
        sending = await self._sending(attempt, prepared, answer, before_sending)
        exchange = await self._transport.exchange(
            prepared.template.message(
                sending.headers, tls=sending.tls, before_sending=sending.before_sending
            )
        )
        if prepared.callback.follow_redirects and is_redirect(exchange.head):
            exchange = await self._redirected(exchange, attempt, prepared, sending, answer)
        expect = prepared.expect
        try:
            answer.begin(exchange.head, self._now)
            await answer.read(exchange, room if expect.reads_body(exchange.head.status) else None)
        finally:
            exchange.close()
        status = exchange.head.status
        if len(answer.text) <= AT_ONCE_BYTES:
            return answer.judged(expect.judge(status, answer.text, answer.truncated))
        verdict = await self._matcher.judge(
            attempt.namespace, expect, status, answer.text, answer.truncated
        )
        return answer.judged(verdict)

    async def _sending(
        self, attempt: Attempt, prepared: Prepared, answer: Answer, before_sending: BeforeSending
    ) -> _Sending:
        headers = attempt_headers(attempt)
        for value in prepared.credentials + self._own_credentials:
            answer.redactor.add(value)
        size = prepared.header_bytes
        for field, name, reference in prepared.secret_headers:
            value = await self._read(attempt, reference)
            # Tools that make a Secret from a file keep its last line break.
            value = value.rstrip("\r\n")
            data = check_value(value, field)
            answer.redactor.add(value)
            headers.append((name, data))
            size += len(name) + len(data)
        check_size(size)
        tls = prepared.callback.tls
        if tls is None:
            return _Sending(headers, SYSTEM_ROOTS, before_sending)
        ca_pem = None
        if tls.ca_secret_ref is not None:
            ca_pem = await self._read(attempt, tls.ca_secret_ref)
        policy = TlsPolicy(ca_pem, verify=not tls.insecure_skip_verify)
        return _Sending(headers, policy, before_sending)

    async def _redirected(
        self,
        exchange: Exchange,
        attempt: Attempt,
        prepared: Prepared,
        sending: _Sending,
        answer: Answer,
    ) -> Exchange:
        """Go where the answer of `exchange` points, and on; return the last exchange."""
        laid_out, headers = self._requests.lay_out(attempt, prepared.callback)
        request = httpx.Request(
            laid_out.method,
            laid_out.url,
            headers=headers + sending.headers,
            stream=httpx.ByteStream(laid_out.content),
            extensions={TLS_EXTENSION: sending.tls, BEFORE_SENDING: sending.before_sending},
        )
        hops_left = prepared.callback.follow_redirects
        while hops_left and is_redirect(exchange.head):
            status = exchange.head.status
            try:
                request = follow(exchange.head, request, laid_out.secret_names)
            except RedirectRefusedError as error:
                # Then it is the answer, to be judged like any other.
                answer.refused_redirect = str(error)
                return exchange
            except BaseException:
                exchange.close()
                raise
            exchange.close()
            try:
                response = await self._transport.handle_async_request(request)
            except CallError:
                # Where it points may not be called: the redirect is all that came.
                answer.code = status
                raise
            exchange = cast(Exchange, response.stream)
            hops_left -= 1
        return exchange

    async def _read(self, attempt: Attempt, reference: SecretKeyRef) -> str:
        return await self._secrets.read(attempt.namespace, reference.name, reference.key)

"""PreparedRequests keeps what calls need of their specs, for those that follow."""

import sys
from dataclasses import dataclass
from typing import Final

from crontask_core.enums import Reason
from crontask_core.errors import ExpectError
from crontask_core.expect import CompiledExpect, compile_expect
from crontask_core.fair_cache import FairCache
from crontask_core.spec import CronTaskSpec, HttpCallback
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.http.message import Template
from crontask_operator.callbacks.http.request import PreparedRequest, SecretHeaders, prepare
from crontask_operator.callbacks.http.transport import WireTransport
from crontask_operator.callbacks.request_headers import RawHeaders, header_bytes, task_headers
from crontask_operator.callbacks.secrets.references import check_references

PREPARED_BYTES: Final = 64 * 1024 * 1024
"""About the memory of all requests that are kept prepared. Most take less than two KB, so
that they are of thirty thousand tasks; a body may have 256 KiB."""

OWN_BYTES: Final = 1024
"""About what a prepared request takes beside its texts."""


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """Everything that an attempt needs from its spec.

    `secret_headers` and `credentials` are those of `PreparedRequest`; `header_bytes` is
    the size of the headers that the spec holds.
    """

    spec: CronTaskSpec
    callback: HttpCallback
    secret_headers: SecretHeaders
    credentials: tuple[str, ...]
    header_bytes: int
    template: Template
    expect: CompiledExpect


class PreparedRequests:
    """Lays requests out, and remembers them by the task's uid."""

    def __init__(
        self,
        transport: WireTransport,
        user_agent: str,
        *,
        size_bytes: int = PREPARED_BYTES,
    ) -> None:
        self._transport = transport
        self._user_agent = user_agent
        self._kept = FairCache[str, Prepared](size_bytes)

    def get(self, attempt: Attempt) -> Prepared:
        """Return what was prepared for the task of `attempt`, or prepare it.

        Raises
        ------
        CallError
            InvalidRequest with the path of the field, what was expected and what was found.
        httpx.LocalProtocolError
            If method, URL or a header would not be on one line.
        """
        spec = attempt.spec
        prepared = self._kept.get(attempt.namespace, attempt.uid)
        if prepared is not None and (prepared.spec is spec or prepared.spec == spec):
            return prepared
        callback = spec.callback.http
        if callback is None:
            raise CallError(Reason.INVALID_REQUEST, "spec.callback.http: expected it, got none")
        check_references(callback)
        try:
            expect = compile_expect(spec.expect, tenant=attempt.namespace)
        except ExpectError as error:
            raise CallError(Reason.INVALID_REQUEST, str(error)) from error
        request, headers = self.lay_out(attempt, callback)
        template = self._transport.template(request.method, request.url, headers, request.content)
        prepared = Prepared(
            spec,
            callback,
            request.secret_headers,
            request.credentials,
            header_bytes(headers),
            template,
            expect,
        )
        size = len(template.head) + len(template.content) + sys.getsizeof(callback.body)
        self._kept.put(attempt.namespace, attempt.uid, prepared, OWN_BYTES + size)
        return prepared

    def lay_out(
        self, attempt: Attempt, callback: HttpCallback
    ) -> tuple[PreparedRequest, RawHeaders]:
        """Return the request and its headers, those of the task included."""
        request = prepare(callback, self._user_agent)
        return request, request.headers + task_headers(attempt.namespace, attempt.task_name)

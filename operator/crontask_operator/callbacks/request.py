"""An HTTP callback's request: what is prepared once per spec, and what each attempt adds."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import httpx

from crontask_core.enums import BodyType, Reason
from crontask_core.spec import HttpCallback, SecretKeyRef
from crontask_core.times import rfc3339
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.decoding import ACCEPT_ENCODING
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.forms import FormError, encode_form
from crontask_operator.callbacks.message import BODILESS_METHODS
from crontask_operator.callbacks.response_parser import RawHeaders
from crontask_operator.callbacks.urls import parse_url

CONTENT_TYPES: Final = {
    BodyType.JSON: b"application/json",
    BodyType.FORM: b"application/x-www-form-urlencoded",
}

RESERVED_PREFIX: Final = "x-crontask-"
RESERVED_HEADERS: Final = frozenset({"idempotency-key"})

MAX_HEADERS: Final = 64
MAX_NAME_BYTES: Final = 256
MAX_VALUE_BYTES: Final = 16 * 1024
MAX_HEADERS_BYTES: Final = 64 * 1024
"""Headers of one request, the bytes of one name and one value, and of all names and
values together. Few servers take more than 16 KiB in all."""

CREDENTIALS: Final = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key"})
"""Headers whose values are kept out of records even if the spec itself holds them: not
everybody who sees a record, as through the facade, may read the spec."""

FRAMING_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that say where a message ends or whom the connection belongs to. They are the
client's own; from a spec they would let one request pass for two."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_LETTER: Final = re.compile(r"[^0-9a-z]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PRINTABLE: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


SecretHeaders = tuple[tuple[str, bytes, SecretKeyRef], ...]


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """What all attempts of one spec have in common.

    `secret_headers` are those whose values come from Secrets: the path of the field, the
    header's name and the reference. `secret_names` are their names in lower case.
    `credentials` are values of other headers that no record shall show.
    """

    method: str
    url: httpx.URL
    headers: RawHeaders
    content: bytes
    secret_headers: SecretHeaders
    secret_names: frozenset[bytes]
    credentials: tuple[str, ...] = field(repr=False)


def prepare(callback: HttpCallback, user_agent: str) -> PreparedRequest:
    """Build the part of a request that is the same for every attempt.

    Raises
    ------
    CallError
        InvalidRequest with the path of the field, what was expected and what was found.
    """
    try:
        url = parse_url(callback.url)
    except ValueError as error:
        raise CallError(Reason.INVALID_REQUEST, f"spec.callback.http.url: {error}") from error
    content = b""
    defaults: RawHeaders = [
        (b"Host", url.netloc),
        (b"User-Agent", user_agent.encode()),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", ACCEPT_ENCODING),
    ]
    if callback.method not in BODILESS_METHODS:
        form = callback.body_type is BodyType.FORM
        content = _content(callback.body, form=form)
        defaults.append((b"Content-Type", CONTENT_TYPES[callback.body_type]))
    headers: RawHeaders = []
    secret_headers = []
    if len(callback.headers) > MAX_HEADERS:
        raise CallError(
            Reason.INVALID_REQUEST,
            f"spec.callback.http.headers: expected at most {MAX_HEADERS} headers, "
            f"got {len(callback.headers)}",
        )
    for index, header in enumerate(callback.headers):
        field = f"spec.callback.http.headers[{index}]"
        name = check_name(header.name, field)
        if header.secret_key_ref is not None:
            secret_headers.append((field, name, header.secret_key_ref))
        else:
            headers.append((name, check_value(header.value or "", field)))
    secret_names = frozenset(name.lower() for _, name, _ in secret_headers)
    own = secret_names.union(name.lower() for name, _ in headers)
    defaults = [pair for pair in defaults if pair[0].lower() not in own]
    return PreparedRequest(
        callback.method,
        url,
        defaults + headers,
        content,
        tuple(secret_headers),
        secret_names,
        tuple(value.decode() for name, value in headers if name.lower() in CREDENTIALS),
    )


def _content(body: str, *, form: bool) -> bytes:
    field = "spec.callback.http.body"
    try:
        return _encoded(encode_form(body) if form else body, field)
    except FormError as error:
        raise CallError(Reason.INVALID_REQUEST, f"{field}: {error}") from error


def _encoded(value: str, field: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        problem = "expected text of whole characters, got half of a surrogate pair"
    raise CallError(Reason.INVALID_REQUEST, f"{field}: {problem}")


def task_headers(namespace: str, name: str) -> RawHeaders:
    """Return the headers by which a target knows the task.

    What is not printable ASCII in its name is percent-encoded UTF-8, and so is ``%``
    itself.
    """
    return [
        (b"X-CronTask-Name", quote(name, safe=_PRINTABLE).encode()),
        (b"X-CronTask-Namespace", namespace.encode()),
    ]


def attempt_headers(attempt: Attempt) -> RawHeaders:
    """Return the headers by which a target knows the run and recognises a repetition."""
    execution_id = attempt.execution_id.encode()
    return [
        (b"X-CronTask-Execution-Id", execution_id),
        (b"Idempotency-Key", execution_id),
        (b"X-CronTask-Scheduled-Time", rfc3339(attempt.scheduled_time).encode()),
        (b"X-CronTask-Attempt", b"%d" % attempt.attempt),
        (b"X-CronTask-Run-Type", attempt.run_type.encode()),
    ]


def check_name(name: str, field: str) -> bytes:
    """Return `name` as it is sent if a spec may set this header, or raise `CallError`."""
    lower = name.lower()
    if len(name) > MAX_NAME_BYTES:
        problem = f"expected a header name of at most {MAX_NAME_BYTES} characters"
        raise CallError(Reason.INVALID_REQUEST, f"{field}.name: {problem}, got {len(name)}")
    if not _TOKEN.fullmatch(name):
        problem = "expected a header name (RFC 9110 token)"
    elif is_reserved(lower):
        problem = "this header identifies the run and is set by the operator"
    elif _plain(lower) in FRAMING_HEADERS:
        problem = "this header belongs to the connection and is set by the client"
    else:
        return name.encode()
    raise CallError(Reason.INVALID_REQUEST, f"{field}.name: {problem}, got {name!r}")


def is_reserved(name: str) -> bool:
    """Whether a header of this name, in lower case, would pass for one that tells the run.

    CGI and WSGI hand both ``X-CronTask-Name`` and ``X_CronTask_Name`` to a program as
    ``HTTP_X_CRONTASK_NAME``, and some servers do to names with other signs what they do
    to ``-``.
    """
    plain = _plain(name)
    return plain.startswith(RESERVED_PREFIX) or plain in RESERVED_HEADERS


def _plain(name: str) -> str:
    return _NO_LETTER.sub("-", name)


def check_value(value: str, field: str) -> bytes:
    """Return `value` as it is sent, or raise `CallError` without telling the value."""
    if len(value) > MAX_VALUE_BYTES:
        problem = f"of at most {MAX_VALUE_BYTES} bytes, got {len(value)} characters"
    elif _CONTROL.search(value):
        problem = "on one line without control characters"
    else:
        data = _encoded(value, field)
        if len(data) <= MAX_VALUE_BYTES:
            return data
        problem = f"of at most {MAX_VALUE_BYTES} bytes, got {len(data)}"
    raise CallError(Reason.INVALID_REQUEST, f"{field}: expected a header value {problem}")


def header_bytes(headers: RawHeaders) -> int:
    """Return how many bytes the names and values are together."""
    return sum(len(name) + len(value) for name, value in headers)


def check_size(size: int) -> None:
    """Raise `CallError` if all headers of a request are `size` bytes and that is too much."""
    if size > MAX_HEADERS_BYTES:
        raise CallError(
            Reason.INVALID_REQUEST,
            f"spec.callback.http.headers: expected at most {MAX_HEADERS_BYTES} bytes of names "
            f"and values, got {size}",
        )

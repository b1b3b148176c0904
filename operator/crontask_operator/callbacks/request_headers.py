"""request_headers has the headers that tell the run, and rules for those of a spec."""

import re
from typing import Final
from urllib.parse import quote

from crontask_core.enums import Reason
from crontask_core.times import rfc3339
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.errors import CallError

RawHeaders = list[tuple[bytes, bytes]]

RESERVED_PREFIX: Final = "x-crontask-"
RESERVED_HEADERS: Final = frozenset({"idempotency-key"})

MAX_HEADERS: Final = 64
MAX_NAME_BYTES: Final = 256
MAX_VALUE_BYTES: Final = 16 * 1024
MAX_HEADERS_BYTES: Final = 64 * 1024
"""Headers of one request, the bytes of one name and one value, and of all names and
values together. Few servers take more than 16 KiB in all."""

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
    redrive_of = attempt.redrive_of.encode()
    return [
        (b"X-CronTask-Execution-Id", execution_id),
        (b"Idempotency-Key", execution_id),
        (b"X-CronTask-Scheduled-Time", rfc3339(attempt.scheduled_time).encode()),
        (b"X-CronTask-Attempt", b"%d" % attempt.attempt),
        (b"X-CronTask-Run-Type", attempt.run_type.encode()),
        *([(b"X-CronTask-Redrive-Of", redrive_of)] if redrive_of else []),
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
        data = encode(value, field)
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


def encode(value: str, field: str) -> bytes:
    """Return `value` as UTF-8, or raise `CallError` if it has half of a surrogate pair."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        problem = "expected text of whole characters, got half of a surrogate pair"
    raise CallError(Reason.INVALID_REQUEST, f"{field}: {problem}")

"""metadata makes the metadata of a gRPC call, which has rules of its own, for the client."""

import re
from typing import Final

from crontask_core.enums import Reason
from crontask_core.spec import Header
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.request_headers import attempt_headers, is_reserved, task_headers
from crontask_operator.callbacks.secrets.redaction import Redactor
from crontask_operator.callbacks.secrets.secret_reader import SecretReader

Metadata = tuple[tuple[str, str], ...]

TRANSPORT_KEYS: Final = frozenset({"connection", "content-type", "host", "te", "user-agent"})
"""Keys that belong to HTTP/2 or to gRPC itself, besides those that begin with grpc-."""

MAX_VALUE_BYTES: Final = 16 * 1024
"""Bytes of a value. gRPC's own servers take no more for all metadata by default."""

MAX_METADATA_BYTES: Final = 64 * 1024
"""Bytes of all names and values, each entry counted as HTTP/2 counts it."""

ENTRY_BYTES: Final = 32
"""What HTTP/2 adds for an entry (RFC 9113, 6.5.2)."""

_KEY: Final = re.compile(r"[0-9a-z_.-]+")
_VALUE: Final = re.compile(r"[\x20-\x7e]*")


async def spec_metadata(
    entries: tuple[Header, ...], namespace: str, secrets: SecretReader, redactor: Redactor
) -> Metadata:
    """Return the entries of a spec, with the values of Secrets, which `redactor` learns.

    Raises
    ------
    CallError
        InvalidRequest with the path of the field; a Secret's value is not told.
    SecretUnavailableError
        If a value cannot be read.
    """
    metadata = []
    room = MAX_METADATA_BYTES
    for index, entry in enumerate(entries):
        field = f"spec.callback.grpc.metadata[{index}]"
        key = _check_key(entry.name.lower(), field)
        value = entry.value or ""
        reference = entry.secret_key_ref
        if reference is not None:
            value = await secrets.read(namespace, reference.name, reference.key)
            value = value.rstrip("\r\n")
        _check_value(value, field)
        room -= len(key) + len(value) + ENTRY_BYTES
        if room < 0:
            raise CallError(
                Reason.INVALID_REQUEST,
                "spec.callback.grpc.metadata: expected names and values of at most "
                f"{MAX_METADATA_BYTES} bytes in all, {ENTRY_BYTES} added for each entry",
            )
        if reference is not None:
            redactor.add(value)
        metadata.append((key, value))
    return tuple(metadata)


def attempt_metadata(attempt: Attempt) -> Metadata:
    """Return what tells the target the run, as `attempt_headers` does for HTTP."""
    headers = task_headers(attempt.namespace, attempt.task_name) + attempt_headers(attempt)
    return tuple((name.decode().lower(), value.decode()) for name, value in headers)


def _check_value(value: str, field: str) -> None:
    if len(value) > MAX_VALUE_BYTES:
        raise CallError(
            Reason.INVALID_REQUEST,
            f"{field}: expected a value of at most {MAX_VALUE_BYTES} bytes, got {len(value)}",
        )
    if not _VALUE.fullmatch(value):
        raise CallError(Reason.INVALID_REQUEST, f"{field}: expected a value of printable ASCII")


def _check_key(key: str, field: str) -> str:
    if not _KEY.fullmatch(key):
        problem = "expected a key of letters, digits, '_', '.' and '-'"
    elif key.endswith("-bin"):
        problem = "binary metadata is not supported"
    elif is_reserved(key):
        problem = "this entry identifies the run and is set by the operator"
    elif key.startswith("grpc-") or key in TRANSPORT_KEYS:
        problem = "this entry is set by gRPC"
    else:
        return key
    raise CallError(Reason.INVALID_REQUEST, f"{field}.name: {problem}, got {key!r}")

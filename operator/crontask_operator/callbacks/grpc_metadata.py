"""The metadata of a gRPC call: gRPC's headers, with rules of their own."""

import re
from typing import Final

from crontask_core.enums import Reason
from crontask_core.spec import Header
from crontask_operator.callbacks.base import Attempt
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.redact import Redactor
from crontask_operator.callbacks.request import (
    attempt_headers,
    is_reserved,
    task_headers,
)
from crontask_operator.secrets import SecretReader

Metadata = tuple[tuple[str, str], ...]

TRANSPORT_KEYS: Final = frozenset({"connection", "content-type", "host", "te", "user-agent"})
"""Keys that belong to HTTP/2 or to gRPC itself, besides those that begin with grpc-."""

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
    for index, entry in enumerate(entries):
        field = f"spec.callback.grpc.metadata[{index}]"
        key = _check_key(entry.name.lower(), field)
        value = entry.value or ""
        reference = entry.secret_key_ref
        if reference is not None:
            value = await secrets.read(namespace, reference.name, reference.key)
            value = value.rstrip("\r\n")
            redactor.add(value)
        if not _VALUE.fullmatch(value):
            raise CallError(Reason.INVALID_REQUEST, f"{field}: expected a value of printable ASCII")
        metadata.append((key, value))
    return tuple(metadata)


def attempt_metadata(attempt: Attempt) -> Metadata:
    """Return what tells the target the run, as `attempt_headers` does for HTTP."""
    headers = task_headers(attempt.namespace, attempt.task_name) + attempt_headers(attempt)
    return tuple((name.decode().lower(), value.decode()) for name, value in headers)


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

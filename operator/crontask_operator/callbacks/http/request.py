"""request prepares what a spec says of its requests, and adds what each attempt has."""

from dataclasses import dataclass, field
from typing import Final

import httpx

from crontask_core.enums import BodyType, Reason
from crontask_core.spec import HttpCallback, SecretKeyRef
from crontask_operator.callbacks.addresses.urls import parse_url
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.http.decoding import ACCEPT_ENCODING
from crontask_operator.callbacks.http.forms import FormError, encode_form
from crontask_operator.callbacks.http.message import BODILESS_METHODS
from crontask_operator.callbacks.request_headers import (
    MAX_HEADERS,
    RawHeaders,
    check_name,
    check_value,
    encode,
)

CONTENT_TYPES: Final = {
    BodyType.JSON: b"application/json",
    BodyType.FORM: b"application/x-www-form-urlencoded",
}

CREDENTIALS: Final = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-api-key"})
"""Headers whose values are kept out of records even if the spec itself holds them: not
everybody who sees a record, as through the facade, may read the spec."""


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
        return encode(encode_form(body) if form else body, field)
    except FormError as error:
        raise CallError(Reason.INVALID_REQUEST, f"{field}: {error}") from error

"""follow makes the request that a redirect asks for (RFC 9110, section 15.4), for the client.

Each hop is a request of its own to the transport, so its address is checked like the
first. What this module decides is what goes along::

    301, 302   POST becomes GET without a body, as all clients do
    303        everything but HEAD becomes GET without a body
    307, 308   method and body stay

Another origin gets the headers that are known to be harmless, and no others: any other
header may hold a key for the first origin. Its certificate is verified in any case. A
redirect from https to http is not followed.
"""

from collections.abc import Set
from typing import Final

import httpx

from crontask_core.header_names import HARMLESS
from crontask_operator.callbacks.addresses.urls import host_of, parse_location, port_of
from crontask_operator.callbacks.connection.response_parser import Head
from crontask_operator.callbacks.connection.tls import TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.request_headers import RESERVED_PREFIX

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

LONGEST_LOCATION: Final = 8192
"""Characters of a Location that is followed. Servers take no longer URLs."""

_HARMLESS: Final = frozenset(name.encode() for name in HARMLESS)
"""Headers that another origin may see, beside those by which it knows the run."""

RUN_PREFIX: Final = RESERVED_PREFIX.encode()
CONTENT_HEADERS: Final = frozenset({b"content-type", b"content-encoding", b"content-language"})


class RedirectRefusedError(Exception):
    """A redirect is not to be followed; the message says why, without the Location."""


def is_redirect(answer: Head) -> bool:
    """Whether `answer` sends its reader elsewhere."""
    return answer.status in REDIRECTS and answer.get(b"location") is not None


def follow(answer: Head, request: httpx.Request, secret_names: Set[bytes]) -> httpx.Request:
    """Return the request that the redirect `answer` asks for.

    Parameters
    ----------
    answer
        The redirect.
    request
        What was answered by it.
    secret_names
        Lower-case names of the headers whose values come from Secrets.

    Raises
    ------
    RedirectRefusedError
        If the redirect is not to be followed.
    """
    url = _target(request.url, answer.get(b"location") or "")
    dropped = {b"host"}
    method = request.method
    content = request.read()
    if answer.status == 303 or (answer.status < 303 and method == "POST"):
        method = "HEAD" if method == "HEAD" else "GET"
        content = b""
        dropped |= CONTENT_HEADERS
    extensions = request.extensions
    same_origin = _origin(url) == _origin(request.url)
    if not same_origin:
        dropped |= secret_names
        policy = extensions.get(TLS_EXTENSION)
        if isinstance(policy, TlsPolicy):
            extensions = {**extensions, TLS_EXTENSION: policy._replace(verify=True)}
    headers = [
        pair
        for pair in request.headers.raw
        if (name := pair[0].lower()) not in dropped and (same_origin or _is_harmless(name))
    ]
    return httpx.Request(
        method,
        url,
        headers=[(b"Host", url.netloc), *headers],
        stream=httpx.ByteStream(content),
        extensions=extensions,
    )


def _target(base: httpx.URL, location: str) -> httpx.URL:
    if len(location) > LONGEST_LOCATION:
        raise RedirectRefusedError(f"expected at most {LONGEST_LOCATION} characters")
    try:
        url = parse_location(location, base)
    except ValueError as error:
        raise RedirectRefusedError(str(error)) from error
    if base.scheme == "https" and url.scheme == "http":
        raise RedirectRefusedError("it leaves https for http")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, host_of(url), port_of(url)


def _is_harmless(name: bytes) -> bool:
    return name in _HARMLESS or name.startswith(RUN_PREFIX)

"""Following a redirect, for targets that a spec allows it for (RFC 9110, section 15.4).

Each hop is a request of its own to the transport, so its address is checked like the
first. What this module decides is what goes along::

    301, 302   POST becomes GET without a body, as all clients do
    303        everything but HEAD becomes GET without a body
    307, 308   method and body stay

Another origin gets no credentials: no Authorization, no Cookie, no header that comes
from a Secret, and no leave to skip the check of its certificate. From https to http
nothing goes at all.
"""

from collections.abc import Set
from typing import Final

import httpx

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.response_parser import Head
from crontask_operator.callbacks.tls import TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.urls import host_of, parse_location, port_of

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

CREDENTIALS: Final = frozenset({b"authorization", b"cookie"})
CONTENT_HEADERS: Final = frozenset({b"content-type", b"content-encoding", b"content-language"})


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
    CallError
        UnexpectedStatus if the redirect is not to be followed.
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
    if _origin(url) != _origin(request.url):
        dropped |= CREDENTIALS | secret_names
        policy = extensions.get(TLS_EXTENSION)
        if isinstance(policy, TlsPolicy):
            extensions = {**extensions, TLS_EXTENSION: policy._replace(verify=True)}
    headers = [pair for pair in request.headers.raw if pair[0].lower() not in dropped]
    return httpx.Request(
        method,
        url,
        headers=[(b"Host", url.netloc), *headers],
        stream=httpx.ByteStream(content),
        extensions=extensions,
    )


def _target(base: httpx.URL, location: str) -> httpx.URL:
    try:
        url = parse_location(location, base)
    except ValueError as error:
        raise _refused(location, str(error)) from error
    if base.scheme == "https" and url.scheme == "http":
        raise _refused(location, "it leaves https for http")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, host_of(url), port_of(url)


def _refused(location: str, why: str) -> CallError:
    return CallError(
        Reason.UNEXPECTED_STATUS, f"the redirect to {location!r} was not followed: {why}"
    )

"""message lays a request out in the bytes of RFC 9112, for the transport.

Most of those bytes are the same for every attempt of a task. They are laid out once, as
a `Template`; an attempt adds its few headers. With a thousand calls due at one instant,
what is done for each of them is what the last one waits for.
"""

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import httpx

from crontask_operator.callbacks.addresses.urls import host_of, port_of
from crontask_operator.callbacks.base import BeforeSending, nothing
from crontask_operator.callbacks.connection.proxies import Proxy
from crontask_operator.callbacks.connection.tls import SYSTEM_ROOTS, TlsPolicy
from crontask_operator.callbacks.request_headers import RawHeaders

BODILESS_METHODS: Final = frozenset({"GET", "HEAD"})


JOINED_BYTES: Final = 16 * 1024
"""Content up to this goes out with the head at once. A copy of a longer one in each call
would be memory for every call in flight."""

_UNSAFE: Final = re.compile(rb"[^!#$%&'()*+,./:;=?@_~0-9A-Za-z-]")


class Destination(NamedTuple):
    """Where a URL points: `secure` is whether by TLS."""

    host: str
    port: int
    secure: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One request, ready to be sent.

    `data` is sent first, then `content`, if that is long: all calls of a task share it.
    `bodiless` says that its answer has no body, as to HEAD. `before_sending` is called
    when there is a connection to send over; if it raises, nothing is sent.
    """

    destination: Destination
    data: bytes = field(repr=False)
    content: bytes = field(repr=False)
    bodiless: bool
    tls: TlsPolicy
    before_sending: BeforeSending


@dataclass(frozen=True, slots=True)
class Template:
    """What messages have in common: the request line, most headers, and the content."""

    destination: Destination
    bodiless: bool
    head: bytes = field(repr=False)
    content: bytes = field(repr=False)

    def message(
        self,
        headers: RawHeaders,
        *,
        tls: TlsPolicy = SYSTEM_ROOTS,
        before_sending: BeforeSending = nothing,
    ) -> Message:
        """Return a message with `headers` beside the template's.

        Raises
        ------
        httpx.LocalProtocolError
            If one of them would not be one line.
        """
        content = self.content
        if len(content) <= JOINED_BYTES:
            data = b"%b%b\r\n%b" % (self.head, _lines(headers), content)
            content = b""
        else:
            data = b"%b%b\r\n" % (self.head, _lines(headers))
        return Message(self.destination, data, content, self.bodiless, tls, before_sending)


def template(
    method: str, url: httpx.URL, headers: RawHeaders, content: bytes, proxy: Proxy | None
) -> Template:
    """Lay out a request; a plain one to a `proxy` names the whole URL.

    Raises
    ------
    httpx.LocalProtocolError
        If method, URL or a header would not be on one line.
    """
    # RFC 3986 has no place for signs such as | ^ [ ] in a path or query; httpx leaves some.
    target = _UNSAFE.sub(lambda found: b"%%%02X" % found.group()[0], url.raw_path)
    framing: RawHeaders = []
    if proxy is not None and url.scheme == "http":
        target = b"http://%b%b" % (url.netloc, target)
        if proxy.authorization is not None:
            framing.append((b"Proxy-Authorization", proxy.authorization))
    if content or method not in BODILESS_METHODS:
        framing.append((b"Content-Length", b"%d" % len(content)))
    line = b"%b %b HTTP/1.1" % (method.encode("ascii"), target)
    _check(line)
    destination = Destination(host_of(url), port_of(url), url.scheme == "https")
    head = b"%b\r\n%b" % (line, _lines(headers + framing))
    return Template(destination, method == "HEAD", head, content)


def _lines(headers: RawHeaders) -> bytes:
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    # Whoever made the headers should have refused such values. One that slips through
    # must not become a header, or a request, of its own.
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers):
        raise _broken()
    return lines


def _check(line: bytes) -> None:
    if b"\n" in line or b"\r" in line:
        raise _broken()


def _broken() -> httpx.LocalProtocolError:
    return httpx.LocalProtocolError("expected no line breaks in method, URL and headers")

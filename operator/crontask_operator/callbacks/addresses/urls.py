"""urls says which URLs can be called, for specs and for redirects."""

import re
from typing import Final

import httpx

from crontask_operator.callbacks.addresses.hosts import shown, to_ascii

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
LAST_PORT: Final = 65535

_HOST: Final = re.compile(r"((?:[A-Za-z][0-9A-Za-z+.-]*:)?//(?:[^/?#@]*@)?)([^/?#@:\[\]]+)")
"""The begin of a URL up to its host, and the host."""


def parse_url(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return `text` as a URL to call, relative to `base` if there is one.

    An international host is in its ASCII form; see `hosts`.

    Raises
    ------
    ValueError
        With what was expected, as a clause without the URL.
    """
    text = _with_ascii_host(text)
    try:
        url = httpx.URL(text) if base is None else base.join(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"expected a URL: {error}") from error
    if url.scheme not in DEFAULT_PORTS or not url.raw_host:
        raise ValueError("expected http:// or https:// and a host")
    if not 0 < port_of(url) <= LAST_PORT:
        raise ValueError(f"expected a port from 1 to {LAST_PORT}")
    if url.userinfo:
        # A record shows the URL, so a password in it would be shown too.
        raise ValueError(
            "expected no user or password; put an Authorization header into a Secret and "
            "refer to it in headers"
        )
    return url


def parse_location(text: str, base: httpx.URL) -> httpx.URL:
    """Return where a Location header points, whose bytes are the characters of `text`.

    Servers write UTF-8 there if they do not write ASCII. Raises as `parse_url`.
    """
    return parse_url(text.encode("latin-1").decode("utf-8", "replace"), base)


def host_of(url: httpx.URL) -> str:
    """Return the host of `url` in ASCII; httpx decodes what looks international."""
    return url.raw_host.decode("ascii")


def port_of(url: httpx.URL) -> int:
    """Return the port that `url` names or its scheme implies."""
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def _with_ascii_host(text: str) -> str:
    found = _HOST.match(text)
    if found is None or found[2].isascii():
        return text
    try:
        return found[1] + to_ascii(found[2]) + text[found.end() :]
    except ValueError as error:
        raise ValueError(f"the host {shown(found[2])} cannot be called: {error}") from error

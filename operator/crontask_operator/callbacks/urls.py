"""Which URLs can be called, be they from a spec or from a redirect."""

from typing import Final

import httpx

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
LAST_PORT: Final = 65535


def parse_url(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return `text` as a URL to call, relative to `base` if there is one.

    Raises
    ------
    ValueError
        With what was expected, as a clause without the URL.
    """
    try:
        url = httpx.URL(text) if base is None else base.join(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"expected a URL: {error}") from error
    if url.scheme not in DEFAULT_PORTS or not url.host:
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


def port_of(url: httpx.URL) -> int:
    """Return the port that `url` names or its scheme implies."""
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port
